// SPDX-License-Identifier: Apache-2.0
#include "dns/zone_tokens.h"

#include <fmt/format.h>

namespace mailreeve::dns {
namespace {

constexpr std::size_t line_limit = 1'000'000;
constexpr std::size_t token_limit = 1'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_{text} {}

  Result<std::vector<ZoneLine>> run() {
    begin_line();
    while (at_ < text_.size()) {
      auto step = next();
      if (!step) return fail(step);
    }
    if (depth_ > 0) return wrong("a parenthesis is not closed");
    end_line();
    return std::move(lines_);
  }

 private:
  std::unexpected<Error> wrong(std::string text) const {
    return fail(ErrorKind::invalid, fmt::format("line {}: {}", number_, text));
  }

  void begin_line() {
    line_ = {};
    line_.number = number_;
    line_.starts_with_blank = at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t');
  }
  void end_line() {
    if (!line_.tokens.empty()) lines_.push_back(std::move(line_));
  }

  Result<void> next() {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      ++number_;
      if (number_ > line_limit) return wrong("the file has too many lines");
      if (depth_ == 0) {
        end_line();
        begin_line();
      }
      return {};
    }
    if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
      return {};
    }
    if (c == ';') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      return {};
    }
    if (c == '(') {
      ++depth_;
      ++at_;
      return {};
    }
    if (c == ')') {
      if (depth_ == 0) return wrong("a parenthesis closes nothing");
      --depth_;
      ++at_;
      return {};
    }
    return token(c == '"');
  }

  Result<void> token(bool quoted) {
    ZoneToken token;
    token.quoted = quoted;
    if (quoted) ++at_;
    while (true) {
      if (at_ >= text_.size()) {
        if (quoted) return wrong("a quote is not closed");
        break;
      }
      const char c = text_[at_];
      if (quoted ? c == '"' : std::string_view{" \t\r\n;()\""}.find(c) != std::string_view::npos) break;
      if (c == '\n') return wrong("a quote is not closed");
      if (c == '\\') {
        auto escaped = escape(token.text);
        if (!escaped) return escaped;
        continue;
      }
      token.text += c;
      ++at_;
    }
    if (quoted) ++at_;
    line_.tokens.push_back(std::move(token));
    if (line_.tokens.size() > token_limit) return wrong("too many words in one record");
    return {};
  }

  Result<void> escape(std::string& out) {
    if (at_ + 1 >= text_.size()) return wrong("a backslash ends the file");
    if (!is_digit(text_[at_ + 1])) {
      out += text_[at_ + 1];
      at_ += 2;
      return {};
    }
    if (at_ + 3 >= text_.size() || !is_digit(text_[at_ + 2]) || !is_digit(text_[at_ + 3])) {
      return wrong("a backslash and digits must be three digits");
    }
    const int octet = (text_[at_ + 1] - '0') * 100 + (text_[at_ + 2] - '0') * 10 + (text_[at_ + 3] - '0');
    if (octet > 255) return wrong("an escaped octet is over 255");
    out += static_cast<char>(octet);
    at_ += 4;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned number_ = 1;
  unsigned depth_ = 0;
  ZoneLine line_;
  std::vector<ZoneLine> lines_;
};

}  // namespace

Result<std::vector<ZoneLine>> zone_lines(std::string_view text) { return Lexer{text}.run(); }

}  // namespace mailreeve::dns
