// SPDX-License-Identifier: Apache-2.0
#include "net/http_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mailreeve::net {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986 2.1. Nothing for a broken escape or an escaped control character.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view kept) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_plain || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::unexpected<Error> malformed(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto key = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) return malformed("the query holds a broken % escape");
    if (!query.emplace(std::move(*key), std::move(*value)).second) return malformed("the query says something twice");
  }
  return query;
}

}  // namespace

Result<void> read_http_target(std::string_view target, HttpRequest& request) {
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto authority = target.find("//") + 2;
    const auto path = target.find_first_of("/?", authority);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const auto question = target.find('?');
  auto path = percent_decode(target.substr(0, question), false);
  if (!path) return malformed("the path holds a broken % escape");
  if (!path->starts_with('/') && *path != "*") return malformed("the request target is not a path");
  request.path = std::move(*path);
  if (question == std::string_view::npos) return {};
  auto query = parse_query(target.substr(question + 1));
  if (!query) return fail(query);
  request.query = std::move(*query);
  return {};
}

std::string http_target(const std::string& path, const std::map<std::string, std::string>& query) {
  auto target = percent_encode(path, "/-._~");
  char separator = '?';
  for (const auto& [key, value] : query) {
    target += separator + percent_encode(key, "-._~") + '=' + percent_encode(value, "-._~");
    separator = '&';
  }
  return target;
}

}  // namespace mailreeve::net
