// SPDX-License-Identifier: Apache-2.0
// Address lists (RFC 5322 3.4, 4.4): tokens first, then addresses out of them. Lenient in reading, strict in telling.
#include <algorithm>

#include "mail/characters.h"
#include "mail/header.h"

namespace mailreeve::mail {
namespace {

constexpr std::size_t address_limit = 1'000;
constexpr std::size_t comment_depth = 100;
constexpr std::size_t value_limit = 256U << 10;

struct Token {
  enum class Kind { atom, quoted, literal, special } kind = Kind::atom;
  std::string text;  // quotes and escapes undone
  bool blank_before = false;
};

bool is_special(char c) { return std::string_view{"<>@,;:."}.find(c) != std::string_view::npos; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_{text.substr(0, value_limit)} {}

  std::vector<Token> run(bool& well_formed) {
    well_formed_ = text_.size() < value_limit;
    bool blank = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        blank = true;
        ++at_;
        continue;
      }
      if (c == '(') {
        comment();
        blank = true;
        continue;
      }
      Token token;
      token.blank_before = std::exchange(blank, false);
      if (c == '"') {
        token.kind = Token::Kind::quoted;
        delimited('"', token.text);
      } else if (c == '[') {
        token.kind = Token::Kind::literal;
        token.text = "[";
        delimited(']', token.text);
        token.text += ']';
      } else if (is_special(c)) {
        token.kind = Token::Kind::special;
        token.text = c;
        ++at_;
      } else {
        atom(token.text);
      }
      tokens_.push_back(std::move(token));
    }
    well_formed = well_formed_;
    return std::move(tokens_);
  }

 private:
  void comment() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        ++at_;
      } else if (c == '(') {
        if (++depth > comment_depth) well_formed_ = false;
      } else if (c == ')' && --depth == 0) {
        ++at_;
        return;
      }
    }
    well_formed_ = false;
  }
  void delimited(char end, std::string& out) {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == end) {
        ++at_;
        return;
      }
      if (c == '\\' && at_ + 1 < text_.size()) ++at_;
      if (text_[at_] == '\r' || text_[at_] == '\n') continue;
      if (text_[at_] == '\0') well_formed_ = false;
      out += text_[at_];
    }
    well_formed_ = false;
  }
  void atom(std::string& out) {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '(' || c == '"' || c == '[' || is_special(c)) return;
      if (!is_atext(c) && !is_high(c)) well_formed_ = false;
      out += c;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool well_formed_ = true;
  std::vector<Token> tokens_;
};

/// One address, between commas.
class Builder {
 public:
  explicit Builder(AddressList& list) : list_{list} {}

  void take(const std::vector<Token>& tokens) {
    for (const auto& token : tokens) feed(token);
    finish();
    if (in_group_) list_.well_formed = false;
  }

 private:
  static bool is(const Token& token, char special) {
    return token.kind == Token::Kind::special && token.text.front() == special;
  }

  void feed(const Token& token) {
    const bool in_route = in_angle_ && !words_.empty() && is(words_.front(), '@');
    if (is(token, ',') && !in_route) {
      finish();
    } else if (is(token, '<') && !in_angle_) {
      if (had_angle_) list_.well_formed = false;
      in_angle_ = true;
      had_angle_ = true;
      display_ = std::exchange(words_, {});
    } else if (is(token, '>') && in_angle_) {
      in_angle_ = false;
      angle_ = std::exchange(words_, {});
    } else if (is(token, ':') && !in_angle_ && !in_group_) {
      in_group_ = true;
      list_.has_group = true;
      words_.clear();
    } else if (is(token, ';') && in_group_) {
      finish();
      in_group_ = false;
    } else {
      words_.push_back(token);
    }
  }

  /// Joins what stands between, with blanks where words met.
  static std::string phrase(const std::vector<Token>& tokens) {
    std::string out;
    for (const auto& token : tokens) {
      if (!out.empty() && (token.blank_before || token.kind != Token::Kind::special)) out += ' ';
      out += token.text;
    }
    return out;
  }

  void finish() {
    if (in_angle_) {
      list_.well_formed = false;
      angle_ = std::exchange(words_, {});
    }
    if (had_angle_) {
      if (!words_.empty()) list_.well_formed = false;
      // RFC 5322 4.4: an obsolete route before the address, "@a,@b:" or "@a:".
      const auto colon = std::ranges::find_if(angle_, [](const auto& token) { return is(token, ':'); });
      if (colon != angle_.end() && is(angle_.front(), '@')) angle_.erase(angle_.begin(), colon + 1);
      add(angle_, phrase(display_));
    } else if (!words_.empty()) {
      add(words_, {});
    }
    words_.clear();
    angle_.clear();
    display_.clear();
    in_angle_ = had_angle_ = false;
  }

  void add(const std::vector<Token>& tokens, std::string display) {
    if (list_.addresses.size() >= address_limit) {
      list_.well_formed = false;
      return;
    }
    const auto at = std::ranges::find_if(tokens.rbegin(), tokens.rend(), [](const auto& t) { return is(t, '@'); });
    NamedAddress address;
    address.display = std::move(display);
    const auto split = static_cast<std::size_t>(tokens.rend() - at);  // tokens up to and with the '@'
    bool fine = at != tokens.rend() && split > 1 && split < tokens.size();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto& token = tokens[i];
      const bool dot = is(token, '.');
      if (i + 1 == split && at != tokens.rend()) continue;
      if (token.kind == Token::Kind::special && !dot) fine = false;
      auto& to = at != tokens.rend() && i >= split ? address.domain : address.local;
      // Two words without a dot between them are no address.
      const bool joins = i == 0 || i == split || dot || is(tokens[i - 1], '.');
      if (!joins) fine = false;
      to += token.text;
    }
    address.address = address.domain.empty() ? address.local : address.local + '@' + address.domain;
    if (!fine) list_.well_formed = false;
    list_.addresses.push_back(std::move(address));
  }

  AddressList& list_;
  std::vector<Token> words_, angle_, display_;
  bool in_angle_ = false, had_angle_ = false, in_group_ = false;
};

}  // namespace

AddressList parse_address_list(std::string_view value) {
  AddressList list;
  const auto tokens = Scanner{value}.run(list.well_formed);
  Builder{list}.take(tokens);
  return list;
}

}  // namespace mailreeve::mail
