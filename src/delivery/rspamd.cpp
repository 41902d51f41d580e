// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "delivery/spam_engines.h"
#include "net/http_answer.h"

namespace mailreeve::delivery {
namespace {

namespace bj = boost::json;
using judge::SpamAnswer;

constexpr std::size_t most_recipients = 100;  // named in a request; Rspamd looks at their number and a few of them
constexpr std::size_t action_limit = 40;
constexpr std::size_t why_limit = 200;
constexpr int fine = 200;

/// What a peer said must not end the line.
std::string on_a_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
  return out;
}

std::optional<double> number(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->to_number<double>();
  return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

std::string_view text(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

void read_symbols(const bj::object& answer, SpamAnswer& into) {
  const auto* symbols = answer.if_contains("symbols");
  if (symbols == nullptr || !symbols->is_object()) return;
  for (const auto& [name, about] : symbols->get_object()) {
    if (into.symbols.size() == engine_symbol_limit) break;
    const auto score = about.is_object() ? number(about.get_object(), "score") : std::nullopt;
    into.symbols.push_back({std::string{std::string_view{name}}, score.value_or(0)});
  }
}

}  // namespace

std::string rspamd_request(const judge::SpamEngineOptions& engine, const judge::SpamQuestion& question) {
  std::string request = "POST /checkv2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: mailreeve\r\n";
  const auto line = [&request](std::string_view name, std::string_view value) {
    request += fmt::format("{}: {}\r\n", name, on_a_line(value));
  };
  line("Content-Length", fmt::to_string(question.body->size()));
  if (!engine.password.empty()) line("Password", engine.password);
  if (question.client != IpAddress{}) {
    line("IP", question.client.text());
    if (!question.helo.empty()) line("Helo", question.helo);
    if (!question.client_name.empty()) line("Hostname", question.client_name);
    if (!question.tls.empty()) line("TLS-Version", question.tls);
    line("From", question.sender ? question.sender->text() : "<>");
  } else if (question.sender) {
    line("From", question.sender->text());
  }
  if (!question.own_name.empty()) line("MTA-Name", question.own_name);
  const auto named = std::min(question.recipients.size(), most_recipients);
  for (std::size_t i = 0; i < named; ++i) line("Rcpt", question.recipients[i].text());
  return request + "\r\n";
}

SpamAnswer read_rspamd_answer(int status, std::string_view json) {
  bj::parse_options options;
  options.allow_invalid_utf8 = true;  // names from a message may be in it
  bj::error_code error;
  const auto value = bj::parse(json.substr(0, engine_answer_limit), error, {}, options);
  const auto* object = error ? nullptr : value.if_object();
  if (status != fine) {
    const auto why = object == nullptr ? std::string_view{} : text(*object, "error");
    return unknown(fmt::format("HTTP {}{}{}", status, why.empty() ? "" : ": ", printable(why, why_limit)));
  }
  if (object == nullptr) return unknown("its answer is no JSON object");
  const auto score = number(*object, "score");
  const auto required = number(*object, "required_score");
  if (!score || !required) return unknown("its answer has no score");
  SpamAnswer answer;
  answer.is_known = true;
  answer.score = *score;
  answer.threshold = *required;
  answer.action = printable(text(*object, "action"), action_limit);
  read_symbols(*object, answer);
  return answer;
}

Task<SpamAnswer> ask_rspamd(net::Stream& connection, const judge::SpamEngineOptions& engine,
                            const judge::SpamQuestion& question) {
  const auto request = rspamd_request(engine, question);
  auto sent = co_await connection.write_all(request);
  if (!sent) co_return unknown(sent.error().text);
  const auto is_whole = co_await send_message(connection, *question.body);
  if (!is_whole) co_return unknown(is_whole.error().text);
  net::HttpAnswerReader reader{engine_answer_limit};
  bool done = false;
  while (!done) {
    char buffer[16U << 10];
    const auto got = co_await connection.read_some(buffer, sizeof buffer);
    if (!got) co_return unknown(got.error().text);
    if (*got == 0) {
      const auto finished = reader.finish();
      if (!finished) co_return unknown(finished.error().text);
      break;
    }
    const auto taken = reader.take({buffer, *got});
    if (!taken) co_return unknown(taken.error().text);
    done = *taken;
  }
  const auto http = reader.answer();
  auto answer = read_rspamd_answer(http.status, http.body);
  if (answer.is_known && !*is_whole) co_return unknown("it answered before it had the whole message");
  co_return answer;
}

}  // namespace mailreeve::delivery
