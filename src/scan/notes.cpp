// SPDX-License-Identifier: Apache-2.0
#include "scan/notes.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace mailreeve::scan {
namespace {

constexpr std::size_t text_limit = 300;
constexpr std::size_t place_limit = 300;
constexpr std::ptrdiff_t of_one_code = 20;  // more of the same tells nobody more

/// The length of the UTF-8 sequence that begins here; 0 when it is none (RFC 3629 4).
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xc2 && lead < 0xe0   ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
      (lead == 0xf4 && second >= 0x90)) {
    return 0;
  }
  return size;
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7f;
  return sequence.size() == 2 && first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
}

enum class Lines : std::uint8_t { one, many };

std::string clean(std::string_view text, std::size_t most, Lines lines) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  const std::string_view line_end = lines == Lines::one ? " " : "\n";
  std::string out;
  out.reserve(std::min(text.size(), most));
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && text[plain] >= ' ' && text[plain] < 0x7f) ++plain;
    if (plain > 0) {
      const auto room = most - out.size();
      out += text.substr(0, std::min(plain, room));
      if (plain > room) break;
      text.remove_prefix(plain);
      continue;
    }
    auto size = sequence_length(text);
    auto piece = size == 0 ? replacement : text.substr(0, size);
    if (size != 0 && is_control(piece)) {
      if (lines == Lines::many && text.starts_with("\r\n")) size = 2;
      const bool ends_line = piece == "\n" || piece == "\r";
      piece = ends_line ? line_end : piece == "\t" ? (lines == Lines::one ? " " : piece) : replacement;
    }
    // The line and paragraph separators end lines too.
    if (piece == "\xe2\x80\xa8" || piece == "\xe2\x80\xa9") piece = line_end;
    if (out.size() + piece.size() > most) break;
    out += piece;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t most) { return clean(text, most, Lines::one); }

std::string clean_lines(std::string_view text, std::size_t most) { return clean(text, most, Lines::many); }

namespace {

enum class Look : std::uint8_t { shown, blank, invisible };

/// Of the character that begins here, and its length where it is not shown.
std::pair<Look, std::size_t> look_of(std::string_view text) {
  const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto third = at(2);
  switch (at(0)) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      return {Look::blank, 1};
    case 0xc2:  // U+00A0, U+00AD
      if (at(1) == 0xa0) return {Look::blank, 2};
      if (at(1) == 0xad) return {Look::invisible, 2};
      break;
    case 0xcd:  // U+034F
      if (at(1) == 0x8f) return {Look::invisible, 2};
      break;
    case 0xe1:  // U+180E
      if (at(1) == 0xa0 && third == 0x8e) return {Look::invisible, 3};
      break;
    case 0xe2:
      // U+2000 to U+200A, U+2028, U+2029, U+202F are blanks, the others up to U+202E are not seen.
      if (at(1) == 0x80 && ((third >= 0x80 && third < 0x8b) || third == 0xa8 || third == 0xa9 || third == 0xaf))
        return {Look::blank, 3};
      if (at(1) == 0x80 && ((third >= 0x8b && third < 0x90) || (third >= 0xaa && third < 0xaf)))
        return {Look::invisible, 3};
      // U+205F; U+2060 to U+206F.
      if (at(1) == 0x81 && third == 0x9f) return {Look::blank, 3};
      if (at(1) == 0x81 && third >= 0xa0 && third < 0xb0) return {Look::invisible, 3};
      break;
    case 0xe3:  // U+3000
      if (at(1) == 0x80 && third == 0x80) return {Look::blank, 3};
      break;
    case 0xef:  // U+FEFF
      if (at(1) == 0xbb && third == 0xbf) return {Look::invisible, 3};
      break;
    default:
      break;
  }
  return {Look::shown, 1};
}

}  // namespace

std::string readable_text(std::string_view text, std::size_t most) {
  std::string line;
  line.reserve(std::min(text.size(), most));
  while (!text.empty() && line.size() < most) {
    std::size_t plain = 0;
    while (plain < text.size() && text[plain] > ' ' && text[plain] < 0x7f) ++plain;
    line += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto [look, size] = look_of(text);
    if (look == Look::shown) line += text.front();
    if (look == Look::blank && !line.ends_with(' ')) line += ' ';
    text.remove_prefix(std::min(size, text.size()));
  }
  return clean_text(line, most);
}

void Notes::add(std::string_view code, std::string_view place, std::string_view text) {
  const auto same = std::ranges::count(notes_, code, &Note::code);
  if (notes_.size() >= limit_ || same >= of_one_code) return;
  Note note{std::string{code}, clean_text(place, place_limit), clean_text(text, text_limit)};
  if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(std::move(note));
}

bool Notes::has(std::string_view code) const { return std::ranges::find(notes_, code, &Note::code) != notes_.end(); }

}  // namespace mailreeve::scan
