// SPDX-License-Identifier: Apache-2.0
// Stream over a socket, plain or TLS. Private to net/.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <list>

#include "net/stream.h"

struct ssl_st;

namespace mailreeve::net {

class SocketStream;

/// The open streams of one loop. A tick compares their deadlines with the clock: one timer a loop instead of one a
/// connection keeps an idle session small (15,000 comparisons cost less than a tenth of a millisecond).
class DeadlineList {
 public:
  void add(SocketStream& stream);
  void remove(SocketStream& stream);
  void expire(SteadyTime now);
  /// Ends every wait, and those that begin later.
  void cancel_all();
  bool cancelled() const { return cancelled_; }

 private:
  SocketStream* first_ = nullptr;
  bool cancelled_ = false;
};

class SocketStream final : public Stream {
 public:
  /// Takes the descriptor, which must be non-blocking. `list` must outlive the stream.
  SocketStream(boost::asio::io_context& context, int descriptor, Endpoint peer, DeadlineList& list);
  ~SocketStream() override;

  Task<Result<void>> wait_readable() override;
  Task<Result<std::size_t>> read_some(char* out, std::size_t size) override;
  bool has_input() override;
  Task<Result<void>> write_all(std::string_view bytes) override;
  Task<Result<void>> write_with_descriptor(std::string_view bytes, int descriptor) override;
  void set_deadline(SteadyTime deadline) override {
    deadline_ = deadline;
    timed_out_ = false;
  }
  Task<Result<TlsFacts>> start_tls_server(std::shared_ptr<const TlsContext> context) override;
  Task<Result<TlsFacts>> start_tls_client(std::shared_ptr<const TlsContext> context, std::string server_name) override;
  Task<void> close_gently() override;
  void close() override;
  Endpoint peer() const override { return peer_; }

  /// For connect: waits until the socket is writable.
  Task<Result<void>> wait_writable();

 private:
  friend class DeadlineList;
  enum class Direction { read, write };
  Task<Result<void>> wait(Direction direction);
  /// What a TLS call that could not finish waits for; an error of `kind` when it never will.
  Result<Direction> wanted_by_tls(int outcome, ErrorKind kind) const;
  Task<Result<void>> handshake();
  Task<Result<void>> write_tls(std::string_view bytes);

  boost::asio::posix::stream_descriptor descriptor_;
  DeadlineList& list_;
  SocketStream* next_ = nullptr;
  SocketStream* previous_ = nullptr;
  SteadyTime deadline_ = SteadyTime::max();
  ssl_st* ssl_ = nullptr;
  std::shared_ptr<const TlsContext> context_;
  Endpoint peer_;
  bool waiting_ = false;
  bool timed_out_ = false;
};

}  // namespace mailreeve::net
