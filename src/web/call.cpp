// SPDX-License-Identifier: Apache-2.0
#include "web/call.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace mailreeve::web {

Task<Result<void>> record(const Call& call, std::vector<store::AuditEntry> entries) {
  if (call.services->audit == nullptr) co_return Result<void>{};
  for (auto& entry : entries) {
    entry.time = call.services->clock.now();
    entry.who = call.identity.who();
    entry.from = call.identity.from;
  }
  auto added = co_await call.services->audit->add(std::move(entries));
  co_return added;
}

Task<Result<void>> record(const Call& call, std::string action, std::string object, std::string detail) {
  store::AuditEntry entry;
  entry.action = std::move(action);
  entry.object = std::move(object);
  entry.detail = std::move(detail);
  std::vector<store::AuditEntry> entries;
  entries.push_back(std::move(entry));
  auto added = co_await record(call, std::move(entries));
  co_return added;
}

std::string readable(std::string_view text) {
  boost::json::stream_parser parser;
  boost::json::error_code error;
  const auto quoted = boost::json::serialize(boost::json::string{text.data(), text.size()});
  parser.write(quoted, error);
  if (!error) return std::string{text};
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

namespace {

constexpr std::string_view trouble_title = "Trouble here";

/// Marks that turn the direction of text around (U+202A to U+202E, U+2066 to U+2069) let a sender write his address or
/// a file's name such that people read another one. Here, for everything that is told, they become U+FFFD.
void disarm_directions(std::string& utf8) {
  constexpr std::string_view first_two[] = {"\xe2\x80", "\xe2\x81"};
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  for (const auto lead : first_two) {
    for (auto at = utf8.find(lead); at != std::string::npos && at + 2 < utf8.size(); at = utf8.find(lead, at + 3)) {
      const auto last = static_cast<unsigned char>(utf8[at + 2]);
      const bool turns = lead.back() == '\x80' ? last >= 0xaa && last <= 0xae : last >= 0xa6 && last <= 0xa9;
      if (turns) utf8.replace(at, 3, replacement);
    }
  }
}

}  // namespace

net::HttpResponse json(const boost::json::value& value, int status) {
  net::HttpResponse response;
  response.status = status;
  response.body = boost::json::serialize(value);
  disarm_directions(response.body);
  response.body += '\n';
  return response;
}

net::HttpResponse problem(int status, std::string_view title, std::string_view detail) {
  auto response = json(boost::json::object{{"title", title}, {"status", status}, {"detail", detail}}, status);
  response.type = "application/problem+json";
  return response;
}

net::HttpResponse problem(const Error& error) {
  switch (error.kind) {
    case ErrorKind::not_found:
      return problem(404, "Not found", error.text);
    case ErrorKind::invalid:
      return problem(400, "Malformed", error.text);
    case ErrorKind::refused:
      return problem(409, "Not possible", error.text);
    default:
      return problem(503, trouble_title, error.text);
  }
}

net::HttpResponse without_details(net::HttpResponse response) {
  const bool tells = response.status == 503 && response.body.find(trouble_title) != std::string::npos;
  if (!tells) return response;
  return problem(503, trouble_title, "the gateway has trouble of its own: try again in a while, or tell its operators");
}

Result<boost::json::object> read_object(const net::HttpRequest& request) {
  boost::json::parse_options options;
  options.max_depth = 16;
  boost::json::error_code error;
  auto value = boost::json::parse({request.body.data(), request.body.size()}, error, {}, options);
  if (error) return fail(ErrorKind::invalid, "the body is no JSON: " + error.message(), Blame::peer);
  if (!value.is_object()) return fail(ErrorKind::invalid, "the body must be a JSON object", Blame::peer);
  return std::move(value.as_object());
}

std::optional<std::string> text_in(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string{value->as_string().data(), value->as_string().size()};
}

}  // namespace mailreeve::web
