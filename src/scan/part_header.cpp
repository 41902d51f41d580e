// SPDX-License-Identifier: Apache-2.0
#include "scan/part_header.h"

#include <algorithm>
#include <array>

#include "mail/characters.h"
#include "mail/header.h"

namespace mailreeve::scan {

std::pair<std::string_view, std::string_view> split_header(std::string_view text) {
  if (text.starts_with("\r\n")) return {{}, text.substr(2)};
  if (text.starts_with('\n')) return {{}, text.substr(1)};
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    const auto next = text.substr(at + 1);
    if (next.starts_with("\r\n")) return {text.substr(0, at + 1), next.substr(2)};
    if (next.starts_with('\n')) return {text.substr(0, at + 1), next.substr(1)};
  }
  return {text, text.substr(text.size())};
}

std::vector<std::size_t> other_ends(std::string_view header) {
  enum Kind : std::uint8_t { fold, nameless, no_field, blank_before_colon, kinds };
  std::array<std::size_t, kinds> first{};
  first.fill(std::string_view::npos);
  for (std::size_t at = 0; at < header.size() && first[no_field] == std::string_view::npos;) {
    const auto end = std::min(header.find('\n', at), header.size());
    const auto name = header.substr(at, header.substr(0, end).find(':', at) - at);
    const auto blank = std::ranges::find_if(name, [](char c) { return c <= ' ' || c >= 0x7f; });
    std::optional<Kind> kind;
    if (header[at] == ' ' || header[at] == '\t' || (at == 0 && header.starts_with("From "))) {
      if (at == 0) kind = fold;  // or the line before each message of a mailbox file (RFC 4155)
    } else if (at + name.size() >= end) {
      kind = no_field;
    } else if (name.empty()) {
      kind = nameless;
    } else if (blank != name.end()) {
      const bool is_odd = std::all_of(blank, name.end(), [](char c) { return c == ' ' || c == '\t'; });
      kind = is_odd ? blank_before_colon : no_field;
    }
    if (kind && first[*kind] == std::string_view::npos) first[*kind] = at;
    at = end + 1;
  }
  std::vector<std::size_t> ends;
  for (const auto at : first) {
    if (at != std::string_view::npos) ends.push_back(at);
  }
  return ends;
}

bool has_bare_cr(std::string_view text) {
  for (auto at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 1)) {
    if (at + 1 == text.size() || text[at + 1] != '\n') return true;
  }
  return false;
}

std::string first_word(std::string_view value) {
  std::string word;
  const auto plain = mail::unfolded(value);
  for (const char c : std::string_view{plain}) {
    const bool ends = c == ' ' || c == '\t' || c == ';' || c == '(' || c == ',';
    if (ends && word.empty() && (c == ' ' || c == '\t')) continue;
    if (ends) break;
    if (c != '"') word += mail::to_lower(c);
  }
  return word;
}

std::optional<Coding> coding_of(std::string_view word) {
  if (word == "base64") return Coding::base64;
  if (word == "quoted-printable") return Coding::quoted_printable;
  if (word == "7bit" || word == "8bit" || word == "binary") return Coding::identity;
  if (word == "x-uuencode" || word == "uuencode" || word == "x-uue" || word == "uue") return Coding::uuencode;
  return std::nullopt;
}

}  // namespace mailreeve::scan
