// SPDX-License-Identifier: Apache-2.0
// Two ends of one connection in memory, on one executor: what is written to one is read from the other.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "net/stream.h"

namespace mailreeve::support {

class MemoryStream final : public net::Stream {
 public:
  using Pair = std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>>;

  static Pair make_pair(const boost::asio::any_io_executor& executor) {
    auto there = std::make_shared<Pipe>(executor);
    auto back = std::make_shared<Pipe>(executor);
    return {std::unique_ptr<MemoryStream>{new MemoryStream{there, back}},
            std::unique_ptr<MemoryStream>{new MemoryStream{back, there}}};
  }
  ~MemoryStream() override { MemoryStream::close(); }

  /// Reads hand out at most so many octets at a time: every split of the input can be played.
  void set_read_limit(std::size_t limit) { read_limit_ = limit; }
  /// Ends what this side writes; it can still read.
  void finish_writing() { out_->end(); }
  SteadyTime deadline() const { return deadline_; }

  Task<Result<void>> wait_readable() override {
    while (in_->bytes.empty() && !in_->ended) {
      if (std::chrono::steady_clock::now() >= deadline_) co_return fail(ErrorKind::timeout, "too slow", Blame::remote);
      in_->changed.expires_at(deadline_);
      co_await in_->changed.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return Result<void>{};
  }
  Task<Result<std::size_t>> read_some(char* out, std::size_t size) override {
    auto waited = co_await wait_readable();
    if (!waited) co_return fail(waited);
    const auto count = std::min({size, read_limit_, in_->bytes.size()});
    std::memcpy(out, in_->bytes.data(), count);
    in_->bytes.erase(0, count);
    co_return count;
  }
  Task<Result<void>> write_all(std::string_view bytes) override {
    if (out_->ended) co_return fail(ErrorKind::closed, "the other side is gone", Blame::remote);
    out_->bytes += bytes;
    out_->changed.cancel();
    co_return Result<void>{};
  }
  void set_deadline(SteadyTime deadline) override { deadline_ = deadline; }
  Task<Result<net::TlsFacts>> start_tls_server(std::shared_ptr<const net::TlsContext>) override {
    co_return fail(ErrorKind::tls, "no TLS in memory");
  }
  Task<Result<net::TlsFacts>> start_tls_client(std::shared_ptr<const net::TlsContext>, std::string) override {
    co_return fail(ErrorKind::tls, "no TLS in memory");
  }
  Task<void> close_gently() override {
    close();
    co_return;
  }
  void close() override {
    in_->end();
    out_->end();
  }
  net::Endpoint peer() const override { return {*IpAddress::parse("192.0.2.1"), 40000}; }

 private:
  struct Pipe {
    explicit Pipe(const boost::asio::any_io_executor& executor) : changed{executor} {}
    void end() {
      ended = true;
      changed.cancel();
    }
    std::string bytes;
    bool ended = false;
    boost::asio::steady_timer changed;  // cancelled whenever something changed
  };

  MemoryStream(std::shared_ptr<Pipe> out, std::shared_ptr<Pipe> in) : out_{std::move(out)}, in_{std::move(in)} {}

  std::shared_ptr<Pipe> out_;
  std::shared_ptr<Pipe> in_;
  std::size_t read_limit_ = std::string::npos;
  SteadyTime deadline_ = SteadyTime::max();
};

}  // namespace mailreeve::support
