// SPDX-License-Identifier: Apache-2.0
#include "scan/pdf_string.h"

#include "mail/characters.h"

namespace mailreeve::scan {
namespace {

int hex_value(char c) {
  const char low = mail::to_lower(c);
  if (mail::is_digit(c)) return c - '0';
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

std::string read_hex(std::string_view text, std::size_t most) {
  std::string out;
  int high = -1;
  for (std::size_t at = 0; at < text.size() && text[at] != '>' && out.size() < most; ++at) {
    const int value = hex_value(text[at]);
    if (value < 0) continue;
    if (high < 0) {
      high = value;
    } else {
      out += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  return out;
}

/// What stands behind a backslash; `at` is moved to its last octet.
void add_escaped(std::string_view text, std::size_t& at, std::string& out) {
  constexpr std::string_view letters = "nrtbf";
  constexpr std::string_view meant = "\n\r\t\b\f";
  const char c = text[at];
  if (const auto letter = letters.find(c); letter != std::string_view::npos) {
    out += meant[letter];
  } else if (is_octal(c)) {
    int value = 0;
    std::size_t end = at;
    for (; end < text.size() && end < at + 3 && is_octal(text[end]); ++end) value = value * 8 + (text[end] - '0');
    out += static_cast<char>(value & 0xff);
    at = end - 1;
  } else if (c == '\r' || c == '\n') {
    if (c == '\r' && text.substr(at + 1).starts_with('\n')) ++at;
  } else {
    out += c;
  }
}

}  // namespace

std::string read_pdf_string(std::string_view text, std::size_t at, std::size_t most) {
  std::string out;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n')) ++at;
  if (at >= text.size()) return out;
  // An octet takes four at most, escaped: what makes none must not be read over and over.
  text = text.substr(0, at + 4 * most + 4);
  if (text[at] == '<') return text.substr(at).starts_with("<<") ? out : read_hex(text.substr(at + 1), most);
  if (text[at] != '(') return out;
  int depth = 1;
  for (++at; at < text.size() && out.size() < most; ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      add_escaped(text, ++at, out);
      continue;
    }
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) break;
    out += c;
  }
  return out;
}

}  // namespace mailreeve::scan
