// SPDX-License-Identifier: Apache-2.0
// Other spam filters over their sockets: Rspamd (HTTP, /checkv2) and SpamAssassin's spamd (SPAMC/1.5, REPORT).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "judge/spam_engine.h"
#include "net/loop.h"

namespace mailreeve::delivery {

/// One connection a message. At most `at_once` messages of one loop are with each engine; others wait within their time
/// limit.
std::unique_ptr<judge::SpamEngines> make_spam_engines(net::LoopGroup& loops, std::size_t at_once = 16);

/// One message to one engine over a fresh connection whose deadline is set.
Task<judge::SpamAnswer> ask_rspamd(net::Stream& connection, const judge::SpamEngineOptions& engine,
                                   const judge::SpamQuestion& question);
Task<judge::SpamAnswer> ask_spamd(net::Stream& connection, const judge::SpamEngineOptions& engine,
                                  const judge::SpamQuestion& question);

/// What is sent before the message itself.
std::string rspamd_request(const judge::SpamEngineOptions& engine, const judge::SpamQuestion& question);
/// With the trace fields that we would add: by them SpamAssassin knows who the client and the envelope sender were.
std::string spamd_request(const judge::SpamEngineOptions& engine, const judge::SpamQuestion& question, WallTime now);

/// An answer's octets as a value; at most `engine_answer_limit` are looked at. Never throws.
judge::SpamAnswer read_rspamd_answer(int status, std::string_view json);
judge::SpamAnswer read_spamd_answer(std::string_view whole);

constexpr std::size_t engine_answer_limit = 256U << 10;
constexpr std::size_t engine_symbol_limit = 500;  // of one answer; more are not told

/// No answer, and why.
judge::SpamAnswer unknown(std::string why);
/// At most `limit` octets of what an engine said, for a log: what is no printable US-ASCII is "?".
std::string printable(std::string_view text, std::size_t limit);

/// Sends the message unless the engine speaks first: whatever it says then is not about the whole message, and the
/// answer is read at once. False: it was not sent whole.
Task<Result<bool>> send_message(net::Stream& connection, const mail::Body& body);

}  // namespace mailreeve::delivery
