// SPDX-License-Identifier: Apache-2.0
// RFC 3507: the message goes to the engine as the body of an HTTP response that it may want to change (RESPMOD).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "delivery/virus_engines.h"
#include "mail/characters.h"

namespace mailreeve::delivery {
namespace {

using judge::VirusAnswer;

constexpr std::size_t head_limit = 16U << 10;
constexpr std::size_t name_limit = 200;

VirusAnswer unknown(std::string why) { return {VirusAnswer::Kind::unknown, {}, std::move(why)}; }

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, name_limit)) out += c >= ' ' && c < 0x7f ? c : '?';
  return out;
}

std::string request_of(const judge::VirusEngineAddress& engine) {
  const std::string request = "GET http://mailreeve.invalid/message HTTP/1.1\r\nHost: mailreeve.invalid\r\n\r\n";
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Type: message/rfc822\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto address = engine.address.is_v4() ? engine.address.text() : fmt::format("[{}]", engine.address.text());
  return fmt::format(
      "RESPMOD icap://{0}:{1}{2} ICAP/1.0\r\nHost: {0}:{1}\r\nUser-Agent: mailreeve\r\nAllow: 204\r\nConnection: "
      "close\r\n"
      "Encapsulated: req-hdr=0, res-hdr={3}, res-body={4}\r\n\r\n{5}{6}",
      address, engine.port, engine.service, request.size(), request.size() + response.size(), request, response);
}

/// Everything up to the first empty line.
Task<Result<std::string>> receive_head(net::Stream& connection) {
  std::string head;
  while (head.size() < head_limit) {
    char buffer[4096];
    auto got = co_await connection.read_some(buffer, sizeof buffer);
    if (!got) co_return fail(got);
    if (*got == 0) co_return fail(ErrorKind::closed, "it closed the connection");
    head.append(buffer, *got);
    const auto end = head.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    head.resize(end + 2);
    co_return head;
  }
  co_return fail(ErrorKind::invalid, "its answer has no end");
}

/// A field's value in an ICAP head; empty when it is not there.
std::string field(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos && at + 2 < head.size();
       at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !mail::equals_ignoring_case(line.substr(0, colon), name)) continue;
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return printable(value);
  }
  return {};
}

/// What engines name what they found by: none of it is in the RFC, all of it is common (draft-stecher-icap-subid).
std::string infection(std::string_view head) {
  // "Type=0; Resolution=2; Threat=Eicar-Test-Signature;"
  const auto found = field(head, "X-Infection-Found");
  if (const auto at = found.find("Threat="); at != std::string::npos) {
    const auto name = found.substr(at + 7);
    return name.substr(0, name.find(';'));
  }
  for (const auto* name : {"X-Virus-ID", "X-Violations-Found", "X-Virus-Name"}) {
    const auto value = field(head, name);
    if (!value.empty() && value != "no threats" && value != "none") return value;
  }
  return found;
}

VirusAnswer read_head(std::string_view head) {
  if (!head.starts_with("ICAP/1.") || head.size() < 12)
    return unknown("its answer is no ICAP: " + printable(head.substr(0, 60)));
  int status = 0;
  const auto code = head.substr(9, 3);
  std::from_chars(code.data(), code.data() + code.size(), status);
  auto name = infection(head);
  if (!name.empty()) return {VirusAnswer::Kind::found, std::move(name), {}};
  constexpr int no_change = 204;  // RFC 3507 4.6
  if (status == no_change) return {VirusAnswer::Kind::clean, {}, {}};
  constexpr int changed = 200;
  if (status == changed) {
    // It has put something else in the message's place, and does not say why: a block page most likely.
    return {VirusAnswer::Kind::found, "the engine replaced the message", {}};
  }
  return unknown(printable(head.substr(0, head.find("\r\n"))));
}

}  // namespace

Task<VirusAnswer> ask_icap(net::Stream& connection, const judge::VirusEngineAddress& engine, const mail::Body& body) {
  const auto request = request_of(engine);
  auto sent = co_await connection.write_all(request);
  std::string scratch;
  bool is_whole = body.size() == 0;
  for (std::uint64_t at = 0; sent && at < body.size() && !connection.has_input();) {
    auto piece = body.read(at, scratch);
    if (!piece) co_return unknown(piece.error().text);
    if (piece->empty()) break;
    const auto size = fmt::format("{:x}\r\n", piece->size());
    sent = co_await connection.write_all(size);
    if (sent) sent = co_await connection.write_all(*piece);
    if (sent) sent = co_await connection.write_all("\r\n");
    at += piece->size();
    is_whole = sent && at >= body.size();
  }
  if (is_whole && sent) sent = co_await connection.write_all("0\r\n\r\n");
  if (!sent && !connection.has_input()) co_return unknown(sent.error().text);
  const auto head = co_await receive_head(connection);
  if (!head) co_return unknown(head.error().text);
  auto answer = read_head(*head);
  if (answer.kind == VirusAnswer::Kind::clean && !is_whole)
    co_return unknown("it answered before it had the whole message");
  co_return answer;
}

}  // namespace mailreeve::delivery
