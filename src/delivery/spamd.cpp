// SPDX-License-Identifier: Apache-2.0
// The protocol is told in SpamAssassin's spamd/PROTOCOL.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "delivery/spam_engines.h"
#include "mail/characters.h"
#include "mail/date.h"

namespace mailreeve::delivery {
namespace {

using judge::SpamAnswer;

constexpr std::size_t why_limit = 200;
constexpr std::size_t name_limit = 64;
constexpr std::size_t helo_limit = 255;

/// A word of a Received field that SpamAssassin's patterns cannot take for anything else.
std::string word(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, helo_limit)) {
    out += mail::is_alphanumeric(c) || std::string_view{"-._:"}.find(c) != std::string_view::npos ? c : '?';
  }
  return out.empty() ? "unknown" : out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Takes a number from the front.
std::optional<double> take_number(std::string_view& text) {
  text = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// The line up to the next line feed, which is taken as well.
std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// " 1.0 MISSING_DATE           Missing Date: header". Lines that go on are indented deeper than any score.
std::optional<judge::SpamSymbol> symbol_of(std::string_view line) {
  constexpr std::size_t deepest_score = 4;
  if (line.find_first_not_of(' ') > deepest_score) return std::nullopt;
  const auto score = take_number(line);
  if (!score || !(line.starts_with(' ') || line.starts_with('*'))) return std::nullopt;
  line = trimmed(line.substr(1));
  constexpr std::string_view name_octets = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const auto name = line.substr(0, std::min(line.find(' '), line.size()));
  if (name.size() < 2 || name.size() > name_limit || mail::is_digit(name.front())) return std::nullopt;
  if (name.find_first_not_of(name_octets) != std::string_view::npos) return std::nullopt;
  return judge::SpamSymbol{std::string{name}, *score};
}

/// The table that SpamAssassin's report ends with. What looks like one before it is of the message's own text.
std::vector<judge::SpamSymbol> read_table(std::string_view report) {
  std::vector<judge::SpamSymbol> symbols;
  bool inside = false;
  while (!report.empty()) {
    const auto line = take_line(report);
    if (line.starts_with("---- -----")) {
      symbols.clear();
      inside = true;
    } else if (inside && symbols.size() < engine_symbol_limit) {
      if (auto symbol = symbol_of(line)) symbols.push_back(std::move(*symbol));
    }
  }
  return symbols;
}

/// "True ; 1000.0 / 5.0"
bool read_spam_field(std::string_view value, SpamAnswer& answer) {
  const auto semicolon = value.find(';');
  if (semicolon == std::string_view::npos) return false;
  const auto verdict = mail::lower(trimmed(value.substr(0, semicolon)));
  if (verdict != "true" && verdict != "false" && verdict != "yes" && verdict != "no") return false;
  value.remove_prefix(semicolon + 1);
  const auto score = take_number(value);
  value = trimmed(value);
  if (!score || !value.starts_with('/')) return false;
  value.remove_prefix(1);
  const auto threshold = take_number(value);
  if (!threshold || !trimmed(value).empty()) return false;
  answer.score = *score;
  answer.threshold = *threshold;
  answer.action = verdict == "true" || verdict == "yes" ? "spam" : "not spam";
  return true;
}

}  // namespace

std::string spamd_request(const judge::SpamEngineOptions& engine, const judge::SpamQuestion& question, WallTime now) {
  std::string above;
  if (question.client != IpAddress{}) {
    // Postfix's form, which SpamAssassin knows best.
    above =
        fmt::format("Return-Path: <{}>\r\nReceived: from {} ({} [{}])\r\n\tby {} (Postfix) with {} id 0;\r\n\t{}\r\n",
                    question.sender ? question.sender->text() : "", word(question.helo), word(question.client_name),
                    question.client.is_v4() ? question.client.text() : "IPv6:" + question.client.text(),
                    word(question.own_name), question.tls.empty() ? "ESMTP" : "ESMTPS", mail::rfc5322_date(now));
  }
  auto request = fmt::format("REPORT SPAMC/1.5\r\nContent-length: {}\r\n", above.size() + question.body->size());
  if (!engine.user.empty()) request += fmt::format("User: {}\r\n", engine.user);
  return request + "\r\n" + above;
}

SpamAnswer read_spamd_answer(std::string_view whole) {
  whole = whole.substr(0, engine_answer_limit);
  // "SPAMD/1.1 0 EX_OK"
  const auto status = take_line(whole);
  const auto code = status.find(' ');
  if (!status.starts_with("SPAMD/") || code == std::string_view::npos) {
    return unknown("its answer is not spamd's: " + printable(status, why_limit));
  }
  if (!status.substr(code + 1).starts_with("0 ")) return unknown(printable(status, why_limit));
  SpamAnswer answer;
  std::optional<std::size_t> length;
  for (auto line = take_line(whole); !line.empty(); line = take_line(whole)) {
    const auto colon = std::min(line.find(':'), line.size());
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(std::min(colon + 1, line.size())));
    if (mail::equals_ignoring_case(name, "Spam")) answer.is_known = read_spam_field(value, answer);
    if (mail::equals_ignoring_case(name, "Content-length")) {
      std::size_t octets = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), octets);
      if (error == std::errc{} && end == value.data() + value.size()) length = octets;
    }
  }
  if (!answer.is_known) return unknown("its answer has no score");
  if (length && *length > whole.size()) return unknown("its answer ends too early");
  answer.symbols = read_table(whole);
  return answer;
}

Task<SpamAnswer> ask_spamd(net::Stream& connection, const judge::SpamEngineOptions& engine,
                           const judge::SpamQuestion& question) {
  const auto request = spamd_request(
      engine, question, std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  auto sent = co_await connection.write_all(request);
  if (!sent) co_return unknown(sent.error().text);
  const auto is_whole = co_await send_message(connection, *question.body);
  if (!is_whole) co_return unknown(is_whole.error().text);
  std::string whole;
  for (;;) {
    char buffer[16U << 10];
    const auto got = co_await connection.read_some(buffer, sizeof buffer);
    if (!got) co_return unknown(got.error().text);
    if (*got == 0) break;
    whole.append(buffer, *got);
    if (whole.size() > engine_answer_limit) co_return unknown("its answer has no end");
  }
  if (whole.empty()) co_return unknown("it closed the connection");
  auto answer = read_spamd_answer(whole);
  if (answer.is_known && !*is_whole) co_return unknown("it answered before it had the whole message");
  co_return answer;
}

}  // namespace mailreeve::delivery
