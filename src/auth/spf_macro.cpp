// SPDX-License-Identifier: Apache-2.0
// Macros (RFC 7208 7).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "auth/spf_record.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t name_limit = 253;
constexpr std::size_t expansion_limit = 4096;
constexpr std::string_view delimiters = ".-+,/_=";
constexpr std::string_view letters = "slodiphv";
constexpr std::string_view explanation_letters = "crt";

struct Macro {
  char letter = 0;      // lower case
  bool escape = false;  // upper case: URL-escaped
  unsigned keep = 0;    // rightmost parts; 0: all
  bool reverse = false;
  std::string_view delimiters;
};

/// Reads "{...}" behind a '%'; advances past it.
std::optional<Macro> read_macro(std::string_view& rest, bool explanation) {
  if (!rest.starts_with('{')) return std::nullopt;
  const auto end = rest.find('}');
  if (end == std::string_view::npos) return std::nullopt;
  auto inside = rest.substr(1, end - 1);
  if (inside.empty()) return std::nullopt;
  Macro macro;
  macro.letter = mail::to_lower(inside.front());
  macro.escape = macro.letter != inside.front();
  const bool known = letters.find(macro.letter) != std::string_view::npos ||
                     (explanation && explanation_letters.find(macro.letter) != std::string_view::npos);
  if (!known) return std::nullopt;
  inside.remove_prefix(1);
  if (!inside.empty() && mail::is_digit(inside.front())) {
    const auto parsed = std::from_chars(inside.data(), inside.data() + inside.size(), macro.keep);
    if (parsed.ec != std::errc{} || macro.keep == 0) return std::nullopt;
    inside.remove_prefix(static_cast<std::size_t>(parsed.ptr - inside.data()));
  }
  if (!inside.empty() && mail::to_lower(inside.front()) == 'r') {
    macro.reverse = true;
    inside.remove_prefix(1);
  }
  if (inside.find_first_not_of(delimiters) != std::string_view::npos) return std::nullopt;
  macro.delimiters = inside;
  rest.remove_prefix(end + 1);
  return macro;
}

std::string value_of(char letter, const SpfMacroValues& values) {
  switch (letter) {
    case 's':
      return std::string{values.sender};
    case 'l':
      return std::string{values.local};
    case 'o':
      return std::string{values.sender_domain};
    case 'd':
      return std::string{values.domain};
    case 'i': {
      if (values.client.is_v4()) return values.client.text();
      auto nibbles = dns::reversed(values.client);
      std::ranges::reverse(nibbles);
      for (auto& c : nibbles)
        if (c >= 'a') c = static_cast<char>(c - 32);
      return nibbles;
    }
    case 'p':
      return std::string{values.validated_name};
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    case 'h':
      return std::string{values.helo};
    case 'c':
      return values.client.text();
    case 'r':
      return values.receiver.empty() ? "unknown" : std::string{values.receiver};
    default:
      return fmt::to_string(values.now);
  }
}

std::string transformed(const Macro& macro, const std::string& value) {
  const auto split_at = macro.delimiters.empty() ? std::string_view{"."} : macro.delimiters;
  if (macro.keep == 0 && !macro.reverse && macro.delimiters.empty()) return value;
  std::vector<std::string_view> parts;
  std::string_view rest{value};
  while (true) {
    const auto end = rest.find_first_of(split_at);
    parts.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (macro.reverse) std::ranges::reverse(parts);
  if (macro.keep > 0 && parts.size() > macro.keep) parts.erase(parts.begin(), parts.end() - macro.keep);
  return fmt::format("{}", fmt::join(parts, "."));
}

std::string url_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool unreserved = mail::is_alphanumeric(c) || std::string_view{"-._~"}.find(c) != std::string_view::npos;
    if (unreserved) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

}  // namespace

bool is_macro_string(std::string_view text, bool explanation) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '%') {
      if (c < 0x21 || c > 0x7e) {
        if (!(explanation && c == ' ')) return false;
      }
      continue;
    }
    if (text.empty()) return false;
    if (text.front() == '%' || text.front() == '_' || text.front() == '-') {
      text.remove_prefix(1);
    } else if (!read_macro(text, explanation)) {
      return false;
    }
  }
  return true;
}

bool uses_macro(std::string_view text, char letter) {
  for (auto at = text.find("%{"); at != std::string_view::npos; at = text.find("%{", at + 2)) {
    if (at + 2 < text.size() && mail::to_lower(text[at + 2]) == letter) return true;
  }
  return false;
}

std::string expand_macros(std::string_view text, const SpfMacroValues& values) {
  std::string out;
  while (!text.empty() && out.size() < expansion_limit) {
    const auto percent = text.find('%');
    out += text.substr(0, percent);
    if (percent == std::string_view::npos) break;
    text.remove_prefix(percent + 1);
    if (text.empty()) break;
    if (text.front() == '%') {
      out += '%';
      text.remove_prefix(1);
    } else if (text.front() == '_') {
      out += ' ';
      text.remove_prefix(1);
    } else if (text.front() == '-') {
      out += "%20";
      text.remove_prefix(1);
    } else if (const auto macro = read_macro(text, true)) {
      const auto value = transformed(*macro, value_of(macro->letter, values));
      out += macro->escape ? url_escaped(value) : value;
    }
  }
  if (out.size() > expansion_limit) out.resize(expansion_limit);
  return out;
}

std::string expand_domain(std::string_view text, const SpfMacroValues& values) {
  auto name = expand_macros(text, values);
  if (name.ends_with('.')) name.pop_back();
  while (name.size() > name_limit) {
    const auto dot = name.find('.');
    if (dot == std::string::npos) break;
    name.erase(0, dot + 1);
  }
  return name;
}

}  // namespace mailreeve::auth
