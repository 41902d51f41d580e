// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "delivery/virus_engines.h"

namespace mailreeve::delivery {
namespace {

using judge::VirusAnswer;

constexpr std::size_t answer_limit = 1024;
constexpr std::size_t name_limit = 200;
constexpr std::size_t chunk = 128U << 10;
constexpr std::string_view command{"zINSTREAM\0", 10};

std::string length_of(std::size_t size) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((size >> shift) & 0xff);
  return bytes;
}

VirusAnswer unknown(std::string why) { return {VirusAnswer::Kind::unknown, {}, std::move(why)}; }

/// "stream: OK", "stream: Eicar-Signature FOUND", "INSTREAM size limit exceeded. ERROR".
VirusAnswer read_answer(std::string_view answer) {
  std::string plain;
  for (const char c : answer.substr(0, name_limit)) plain += c >= ' ' && c < 0x7f ? c : '?';
  constexpr std::string_view prefix = "stream: ";
  constexpr std::string_view found = " FOUND";
  if (plain == "stream: OK") return {VirusAnswer::Kind::clean, {}, {}};
  if (plain.starts_with(prefix) && plain.ends_with(found)) {
    return {VirusAnswer::Kind::found, plain.substr(prefix.size(), plain.size() - prefix.size() - found.size()), {}};
  }
  if (plain.find("size limit exceeded") != std::string::npos) return {VirusAnswer::Kind::too_large, {}, plain};
  return unknown(plain.empty() ? "no answer" : plain);
}

Task<Result<std::string>> receive(net::Stream& connection) {
  std::string answer;
  while (answer.size() < answer_limit) {
    char buffer[answer_limit];
    auto got = co_await connection.read_some(buffer, sizeof buffer);
    if (!got) co_return fail(got);
    if (*got == 0) break;
    answer.append(buffer, *got);
    const auto end = answer.find('\0');
    if (end == std::string::npos) continue;
    if (end + 1 != answer.size()) co_return fail(ErrorKind::invalid, "it said more than one thing");
    answer.resize(end);
    co_return answer;
  }
  co_return fail(ErrorKind::invalid, answer.empty() ? "it closed the connection" : "its answer has no end");
}

}  // namespace

Task<VirusAnswer> ask_clamd(net::Stream& connection, const mail::Body& body) {
  auto sent = co_await connection.write_all(command);
  std::string scratch;
  for (std::uint64_t at = 0; sent && at < body.size();) {
    auto piece = body.read(at, scratch);
    if (!piece) co_return unknown(piece.error().text);
    if (piece->empty()) break;
    // Whatever it says before it has everything is not about this message: its own limits, or somebody else's lie.
    if (connection.has_input()) break;
    const auto bytes = piece->substr(0, chunk);
    sent = co_await connection.write_all(length_of(bytes.size()));
    if (sent) sent = co_await connection.write_all(bytes);
    at += bytes.size();
    if (at >= body.size() && sent && !connection.has_input()) {
      sent = co_await connection.write_all(length_of(0));
      if (!sent) break;
      auto answer = co_await receive(connection);
      co_return answer ? read_answer(*answer) : unknown(answer.error().text);
    }
  }
  if (!sent && !connection.has_input()) co_return unknown(sent.error().text);
  const auto early = co_await receive(connection);
  if (!early) co_return unknown(early.error().text);
  const auto verdict = read_answer(*early);
  // A finding before the end is one all the same; "clean" before the end is worth nothing.
  if (verdict.kind == VirusAnswer::Kind::found || verdict.kind == VirusAnswer::Kind::too_large) co_return verdict;
  co_return unknown(verdict.kind == VirusAnswer::Kind::clean ? "it answered before it had the whole message"
                                                             : verdict.why);
}

}  // namespace mailreeve::delivery
