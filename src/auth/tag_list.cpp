// SPDX-License-Identifier: Apache-2.0
#include "auth/tag_list.h"

#include <fmt/format.h>

#include <array>

#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t tag_limit = 100;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto base64_values = make_values();

bool is_tag_name(std::string_view name) {
  if (name.empty() || !mail::is_alphanumeric(name.front()) || mail::is_digit(name.front())) return false;
  for (const char c : name) {
    if (!mail::is_alphanumeric(c) && c != '_') return false;
  }
  return true;
}

/// For a message to people: nothing but printable ASCII.
std::string legible(std::string_view text) {
  std::string out{text};
  for (auto& c : out) {
    if (c < ' ' || c == 0x7f) c = '?';
  }
  return out;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string without_blanks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (!is_blank(c)) out += c;
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3 / 4);
  unsigned bits = 0;
  unsigned pending = 0;
  unsigned padding = 0;
  unsigned symbols = 0;
  for (const char c : text) {
    if (is_blank(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const auto value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0 || padding > 0) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xffffffU;
    ++symbols;
    pending += 6;
    if (pending >= 8) {
      pending -= 8;
      out += static_cast<char>(bits >> pending & 255U);
    }
  }
  if (padding > 2 || symbols % 4 == 1) return std::nullopt;
  return out;
}

Result<TagList> TagList::parse(std::string_view text) {
  TagList list;
  const auto parts = split(text, ';');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = parts[i];
    if (part.empty() && i + 1 == parts.size()) break;  // RFC 6376 3.2: a semicolon may end the list
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorKind::invalid, fmt::format("\"{}\" is no tag=value", legible(part.substr(0, 40))));
    }
    const auto name = trimmed(part.substr(0, equals));
    if (!is_tag_name(name)) return fail(ErrorKind::invalid, "a tag has a malformed name");
    if (list.find(name)) return fail(ErrorKind::invalid, fmt::format("{}= stands twice", name));
    if (list.tags_.size() >= tag_limit) return fail(ErrorKind::invalid, "too many tags");
    list.tags_.emplace_back(name, trimmed(part.substr(equals + 1)));
  }
  return list;
}

std::optional<std::string_view> TagList::find(std::string_view tag) const {
  for (const auto& [name, value] : tags_) {
    if (name == tag) return value;
  }
  return std::nullopt;
}

}  // namespace mailreeve::auth
