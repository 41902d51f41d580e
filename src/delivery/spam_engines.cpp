// SPDX-License-Identifier: Apache-2.0
#include "delivery/spam_engines.h"

#include "delivery/engine_connection.h"

namespace mailreeve::delivery {
namespace {

using judge::SpamAnswer;
using judge::SpamProtocol;

class Engines final : public judge::SpamEngines {
 public:
  Engines(const net::LoopGroup& loops, std::size_t at_once) : rspamd_{loops, at_once}, spamd_{loops, at_once} {}

  Task<SpamAnswer> ask(Spawner& where, SpamProtocol protocol, judge::SpamEngineOptions engine,
                       judge::SpamQuestion question) override {
    auto* loop = dynamic_cast<net::Loop*>(&where);
    if (loop == nullptr) co_return unknown("no event loop runs here");
    const auto deadline = std::chrono::steady_clock::now() + engine.time_limit;
    auto& places = protocol == SpamProtocol::rspamd ? rspamd_ : spamd_;
    const auto place = co_await places.take(*loop, deadline);
    if (!place) co_return unknown(place.error().text);
    auto stream = co_await connect_engine(*loop, engine.path, {engine.address, engine.port}, deadline);
    if (!stream) co_return unknown(stream.error().text);
    SpamAnswer answer;
    if (protocol == SpamProtocol::rspamd) {
      answer = co_await ask_rspamd(**stream, engine, question);
    } else {
      answer = co_await ask_spamd(**stream, engine, question);
    }
    co_return answer;
  }

 private:
  EnginePlaces rspamd_;
  EnginePlaces spamd_;
};

}  // namespace

SpamAnswer unknown(std::string why) {
  SpamAnswer answer;
  answer.why = std::move(why);
  return answer;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text.substr(0, limit)) out += c >= ' ' && c < 0x7f ? c : '?';
  return out;
}

Task<Result<bool>> send_message(net::Stream& connection, const mail::Body& body) {
  std::string scratch;
  for (std::uint64_t at = 0; at < body.size();) {
    if (connection.has_input()) co_return false;
    const auto piece = body.read(at, scratch);
    if (!piece) co_return fail(ErrorKind::io, piece.error().text);
    if (piece->empty()) co_return fail(ErrorKind::io, "the message ends too early");
    auto sent = co_await connection.write_all(*piece);
    if (!sent && connection.has_input()) co_return false;
    if (!sent) co_return fail(sent);
    at += piece->size();
  }
  co_return true;
}

std::unique_ptr<judge::SpamEngines> make_spam_engines(net::LoopGroup& loops, std::size_t at_once) {
  return std::make_unique<Engines>(loops, at_once);
}

}  // namespace mailreeve::delivery
