// SPDX-License-Identifier: Apache-2.0
// Classes of octets that the grammars of mail are made of, independent of the locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailreeve::mail {

constexpr bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }
constexpr bool is_printable_ascii(char c) { return c > 0x20 && c < 0x7f; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
/// RFC 5322 3.2.3.
constexpr bool is_atext(char c) {
  return is_alphanumeric(c) || (c != '\0' && std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos);
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// ASCII letters only: what case-insensitive means in mail's grammars.
inline std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = to_lower(c);
  return out;
}

/// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates) without C1 controls, line and paragraph separators:
/// those would break lines in a log or a notice.
bool is_safe_utf8(std::string_view text);

}  // namespace mailreeve::mail
