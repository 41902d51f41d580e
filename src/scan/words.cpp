// SPDX-License-Identifier: Apache-2.0
#include "scan/words.h"

#include <optional>

#include "mail/characters.h"
#include "mail/header.h"
#include "scan/charset.h"
#include "scan/report.h"
#include "scan/transfer.h"

namespace mailreeve::scan {
namespace {

struct Word {
  std::string charset;
  std::string bytes;
  std::size_t size = 0;  // octets of the source
};

/// "=?charset*lang?B?text?=" at the start of `text`. Blanks inside are tolerated: many programs read them so.
std::optional<Word> read_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size()) return std::nullopt;
  const char encoding = mail::to_lower(text[charset_end + 1]);
  if ((encoding != 'b' && encoding != 'q') || text[charset_end + 2] != '?') return std::nullopt;
  const auto start = charset_end + 3;
  // It ends before another word begins; looking no further keeps long fields cheap.
  auto next = text.find("=?", start);
  while (next != std::string_view::npos && text.substr(next + 2).starts_with('=')) next = text.find("=?", next + 1);
  const auto end = text.substr(0, next == std::string_view::npos ? next : next + 1).find("?=", start);
  if (end == std::string_view::npos) return std::nullopt;
  Word word;
  const auto charset = text.substr(2, charset_end - 2);
  word.charset = charset.substr(0, charset.find('*'));  // RFC 2231 5: a language behind it
  word.size = end + 2;
  const auto body = text.substr(start, end - start);
  if (encoding == 'b') {
    word.bytes = std::move(decode(body, Coding::base64, body.size()).bytes.front());
    return word;
  }
  std::string plain{body};
  for (auto& c : plain) {
    if (c == '_') c = ' ';
  }
  // A blank at the end is no soft line break here.
  word.bytes = std::move(decode(plain, Coding::quoted_printable, body.size()).bytes.front());
  return word;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

bool has_encoded_word(std::string_view value) {
  const auto at = value.find("=?");
  return at != std::string_view::npos && value.find("?=", at + 2) != std::string_view::npos;
}

std::string decode_words(std::string_view value, std::size_t most) {
  const auto unfolded = mail::unfolded(value);
  std::string_view rest{unfolded};
  std::string out;      // UTF-8
  std::string pending;  // octets of words in one charset: a character may be split over two of them
  std::string charset;  // of `pending`
  bool after_word = false;
  const auto flush = [&] {
    if (!pending.empty()) out += to_utf8(pending, charset, most).utf8;
    pending.clear();
  };
  while (!rest.empty() && out.size() < most) {
    const auto at = rest.find("=?");
    const auto plain = rest.substr(0, at);
    // RFC 2047 6.2: white space between two encoded words is not shown.
    const bool between = after_word && at != std::string_view::npos && is_blank(plain);
    if (!between && !plain.empty()) {
      flush();
      out += to_utf8(plain, {}, most).utf8;
    }
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at);
    auto word = read_word(rest);
    if (!word) {
      flush();
      if (between) out += plain;
      out += "=?";
      rest.remove_prefix(2);
      after_word = false;
      continue;
    }
    if (!mail::equals_ignoring_case(word->charset, charset)) flush();
    charset = word->charset;
    pending += word->bytes;
    after_word = true;
    rest.remove_prefix(word->size);
  }
  flush();
  return clean_text(out, most);
}

}  // namespace mailreeve::scan
