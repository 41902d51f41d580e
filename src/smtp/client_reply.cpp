// SPDX-License-Identifier: Apache-2.0
#include "smtp/client_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mailreeve::smtp {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The length of "5.1.1" at the start of `text` when its class is that of `code`, else 0 (RFC 2034 4).
std::size_t enhanced_length(std::string_view text, int code) {
  if (text.size() < 5 || text[0] != static_cast<char>('0' + code / 100) || text[1] != '.') return 0;
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == start || at - start > 3) return 0;
    if (part > 0) break;
    if (at == text.size() || text[at] != '.') return 0;
    ++at;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

char printable(char c) {
  if (c == '\t') return ' ';
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
}

}  // namespace

Result<std::optional<Reply>> ReplyReader::read(std::string_view& bytes) {
  while (!bytes.empty()) {
    const auto newline = bytes.find('\n');
    const bool whole_line = newline != std::string_view::npos;
    const auto piece = bytes.substr(0, newline);
    if (line_.size() + piece.size() > line_limit + 1) {  // 1: the CR
      return fail(ErrorKind::full, fmt::format("a reply line of more than {} octets", line_limit), Blame::remote);
    }
    size_ += piece.size() + (whole_line ? 1 : 0);
    if (size_ > reply_limit_) {
      return fail(ErrorKind::full, fmt::format("a reply of more than {} octets", reply_limit_), Blame::remote);
    }
    line_ += piece;
    bytes.remove_prefix(piece.size() + (whole_line ? 1 : 0));
    if (!whole_line) break;
    auto is_last = end_line();
    if (!is_last) return fail(is_last);
    if (*is_last) {
      size_ = 0;
      return std::optional<Reply>{std::exchange(reply_, Reply{})};
    }
  }
  return std::optional<Reply>{};
}

Result<bool> ReplyReader::end_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  std::ranges::transform(line_, line_.begin(), printable);
  const std::string_view line = line_;
  const bool has_code = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) && is_digit(line[2]);
  const char separator = line.size() > 3 ? line[3] : ' ';
  if (!has_code || (separator != ' ' && separator != '-')) {
    return fail(ErrorKind::invalid, fmt::format("what is no SMTP reply: \"{}\"", line.substr(0, 80)), Blame::remote);
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  const bool first = reply_.lines.empty();
  if (!first && code != reply_.code) {
    return fail(ErrorKind::invalid, fmt::format("one reply with the codes {} and {}", reply_.code, code),
                Blame::remote);
  }
  reply_.code = code;
  auto text = line.size() > 4 ? line.substr(4) : std::string_view{};
  if (const auto length = enhanced_length(text, code); length != 0) {
    if (first) reply_.enhanced = text.substr(0, length);
    text.remove_prefix(std::min(text.size(), length + 1));
  }
  reply_.lines.emplace_back(text);
  line_.clear();
  return separator == ' ';
}

}  // namespace mailreeve::smtp
