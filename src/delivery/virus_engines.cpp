// SPDX-License-Identifier: Apache-2.0
#include "delivery/virus_engines.h"

#include "delivery/engine_connection.h"

namespace mailreeve::delivery {
namespace {

using judge::VirusAnswer;

VirusAnswer unknown(std::string why) { return {VirusAnswer::Kind::unknown, {}, std::move(why)}; }

class Engines final : public judge::VirusScanner {
 public:
  Engines(const net::LoopGroup& loops, std::size_t at_once) : places_{loops, at_once} {}

  Task<VirusAnswer> look(Spawner& where, judge::VirusEngineAddress engine, std::shared_ptr<const mail::Body> body,
                         std::chrono::milliseconds time_limit) override {
    auto* loop = dynamic_cast<net::Loop*>(&where);
    if (loop == nullptr) co_return unknown("no event loop runs here");
    const auto deadline = std::chrono::steady_clock::now() + time_limit;
    const auto place = co_await places_.take(*loop, deadline);
    if (!place) co_return unknown(place.error().text);
    auto stream = co_await connect_engine(*loop, engine.path, {engine.address, engine.port}, deadline);
    if (!stream) co_return unknown(stream.error().text);
    VirusAnswer answer;
    if (engine.protocol == judge::VirusEngineAddress::Protocol::icap) {
      answer = co_await ask_icap(**stream, engine, *body);
    } else {
      answer = co_await ask_clamd(**stream, *body);
    }
    co_return answer;
  }

 private:
  EnginePlaces places_;
};

}  // namespace

std::unique_ptr<judge::VirusScanner> make_virus_scanner(net::LoopGroup& loops, std::size_t at_once) {
  return std::make_unique<Engines>(loops, at_once);
}

}  // namespace mailreeve::delivery
