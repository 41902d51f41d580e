// SPDX-License-Identifier: Apache-2.0
#include "delivery/virus_engines.h"

#include <vector>

namespace mailreeve::delivery {
namespace {

using judge::VirusAnswer;

constexpr auto pause = std::chrono::milliseconds{2};

VirusAnswer unknown(std::string why) { return {VirusAnswer::Kind::unknown, {}, std::move(why)}; }

class Engines final : public judge::VirusScanner {
 public:
  Engines(net::LoopGroup& loops, std::size_t at_once) : busy_(loops.size()), at_once_{at_once} {}

  Task<VirusAnswer> look(Spawner& where, judge::VirusEngineAddress engine, std::shared_ptr<const mail::Body> body,
                         std::chrono::milliseconds time_limit) override {
    auto* loop = dynamic_cast<net::Loop*>(&where);
    if (loop == nullptr || loop->index() >= busy_.size()) co_return unknown("no event loop runs here");
    const auto deadline = std::chrono::steady_clock::now() + time_limit;
    auto& busy = busy_[loop->index()];
    while (busy >= at_once_) {
      const bool go_on = co_await loop->sleep(pause);
      if (!go_on || std::chrono::steady_clock::now() > deadline) co_return unknown("too many messages wait for it");
    }
    const Ticket ticket{busy};
    auto answer = co_await ask(*loop, std::move(engine), std::move(body), deadline);
    co_return answer;
  }

 private:
  /// A place among those at once, given back even when the coroutine is dropped.
  class Ticket {
   public:
    explicit Ticket(std::size_t& busy) : busy_{busy} { ++busy_; }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() { --busy_; }

   private:
    std::size_t& busy_;
  };

  static Task<VirusAnswer> ask(net::Loop& loop, judge::VirusEngineAddress engine,
                               std::shared_ptr<const mail::Body> body, SteadyTime deadline) {
    Result<std::unique_ptr<net::Stream>> stream = fail(ErrorKind::internal, "not connected");
    if (engine.path.empty()) {
      stream = co_await loop.connect({engine.address, engine.port}, deadline);
    } else {
      stream = co_await loop.connect_unix(engine.path, deadline);
    }
    if (!stream) co_return unknown(stream.error().text);
    (*stream)->set_deadline(deadline);
    VirusAnswer answer;
    if (engine.protocol == judge::VirusEngineAddress::Protocol::icap) {
      answer = co_await ask_icap(**stream, engine, *body);
    } else {
      answer = co_await ask_clamd(**stream, *body);
    }
    co_return answer;
  }

  std::vector<std::size_t> busy_;  // by loop
  std::size_t at_once_;
};

}  // namespace

std::unique_ptr<judge::VirusScanner> make_virus_scanner(net::LoopGroup& loops, std::size_t at_once) {
  return std::make_unique<Engines>(loops, at_once);
}

}  // namespace mailreeve::delivery
