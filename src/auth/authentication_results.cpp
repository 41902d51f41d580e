// SPDX-License-Identifier: Apache-2.0
#include "auth/authentication_results.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/address.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t value_limit = 64U << 10;
constexpr std::size_t method_limit = 100;
constexpr std::size_t property_limit = 100;
constexpr std::size_t line_end = 78;
constexpr std::size_t text_limit = 300;  // octets of one value or comment that we write

/// A word, a quoted string, or one of ; = / .
struct Token {
  std::string text;
  char special = 0;  // 0: a word
  bool quoted = false;
};

/// Comments and white space gone. `lenient`: what is broken ends the list instead of failing.
std::optional<std::vector<Token>> tokens_of(std::string_view text, bool lenient) {
  std::vector<Token> tokens;
  text = text.substr(0, value_limit);
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++at;
    } else if (c == '(') {
      std::size_t depth = 0;
      for (; at < text.size(); ++at) {
        if (text[at] == '\\') {
          ++at;
        } else if (text[at] == '(') {
          ++depth;
        } else if (text[at] == ')' && --depth == 0) {
          break;
        }
      }
      if (at >= text.size() && !lenient) return std::nullopt;
      ++at;
    } else if (c == '"') {
      Token token;
      token.quoted = true;
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        if (text[at] != '\r' && text[at] != '\n') token.text += text[at];
      }
      if (at >= text.size() && !lenient) return std::nullopt;
      ++at;
      tokens.push_back(std::move(token));
    } else if (c == ';' || c == '=') {
      tokens.push_back({std::string(1, c), c, false});
      ++at;
    } else {
      Token token;
      for (; at < text.size(); ++at) {
        const char d = text[at];
        if (std::string_view{" \t\r\n(\";="}.find(d) != std::string_view::npos) break;
        if (static_cast<unsigned char>(d) < 0x20 || d == 0x7f) {
          if (!lenient) return std::nullopt;
        }
        token.text += d;
      }
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text)); }

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_{std::move(tokens)} {}

  Result<AuthenticationResults> run() {
    AuthenticationResults results;
    if (!is_word()) return wrong("the authserv-id is missing");
    results.authserv_id = take();
    if (is_word()) results.version = take();
    if (at_ >= tokens_.size()) return results;
    if (!is(';')) return wrong("a semicolon is missing behind the authserv-id");
    while (is(';')) {
      ++at_;
      if (at_ >= tokens_.size()) break;
      if (is_word() && mail::lower(tokens_[at_].text) == "none" && !is(';', 1) && at_ + 1 >= tokens_.size()) {
        ++at_;
        break;
      }
      if (is(';')) continue;
      auto method = read_method();
      if (!method) return fail(method);
      if (results.methods.size() >= method_limit) return wrong("too many methods");
      results.methods.push_back(std::move(*method));
    }
    if (at_ < tokens_.size())
      return wrong(fmt::format("\"{}\" stands where it cannot", tokens_[at_].text.substr(0, 40)));
    return results;
  }

 private:
  bool is(char special, std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].special == special && special != 0;
  }
  bool is_word(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].special == 0;
  }
  std::string take() { return tokens_[at_++].text; }

  Result<AuthMethod> read_method() {
    AuthMethod method;
    if (!is_word() || !is('=', 1) || !is_word(2)) return wrong("a method must be method=result");
    method.method = mail::lower(take());
    if (const auto slash = method.method.find('/'); slash != std::string::npos) method.method.resize(slash);
    ++at_;
    method.result = mail::lower(take());
    while (is_word()) {
      if (!is('=', 1)) return wrong(fmt::format("{} is followed by no value", tokens_[at_].text.substr(0, 40)));
      const auto name = mail::lower(take());
      ++at_;
      // A value may be empty, or hold further equals signs.
      std::string value;
      if (is_word()) value = take();
      while (is('=')) {
        value += take();
        if (is_word() && !is('=', 1)) value += take();
      }
      if (name == "reason") {
        method.reason = std::move(value);
        continue;
      }
      if (method.properties.size() >= property_limit) return wrong("too many properties");
      const auto dot = name.find('.');
      const auto type = dot == std::string::npos ? std::string{} : name.substr(0, dot);
      method.properties.push_back({type, dot == std::string::npos ? name : name.substr(dot + 1), std::move(value)});
    }
    return method;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && std::string_view{"()<>,;:\\\"/[]?="}.find(c) == std::string_view::npos;
  });
}

/// RFC 8601 2.2: a value, a mailbox or a domain as it is; everything else quoted, and made safe.
std::string written(std::string_view text) {
  text = text.substr(0, text_limit);
  const bool plain = is_token(text) || (text.starts_with('@') && is_token(text.substr(1)));
  if (plain) return std::string{text};
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= ' ' && c < 0x7f ? c : '?';
  }
  return out + '"';
}

std::string written_comment(std::string_view text) {
  std::string out = "(";
  for (const char c : text.substr(0, text_limit)) {
    out += c >= ' ' && c < 0x7f && c != '(' && c != ')' && c != '\\' ? c : '?';
  }
  return out + ')';
}

}  // namespace

Result<AuthenticationResults> parse_authentication_results(std::string_view value) {
  if (value.size() > value_limit) return wrong("the field is too long");
  auto tokens = tokens_of(value, false);
  if (!tokens) return wrong("a comment or a quote is not closed, or a control character stands in the field");
  return Parser{std::move(*tokens)}.run();
}

std::string authentication_results_field(const AuthenticationResults& results) {
  std::string out = "Authentication-Results: ";
  out += written(results.authserv_id);
  if (!results.version.empty()) out += " " + written(results.version);
  if (results.methods.empty()) return out + "; none\r\n";
  for (const auto& method : results.methods) {
    out += ";\r\n\t";
    std::size_t line = 8;
    const auto add = [&](const std::string& word, bool first) {
      if (!first && line + 1 + word.size() > line_end) {
        out += "\r\n\t ";
        line = 9;
      } else if (!first) {
        out += ' ';
        ++line;
      }
      out += word;
      line += word.size();
    };
    add(fmt::format("{}={}", method.method, method.result), true);
    if (!method.comment.empty()) add(written_comment(method.comment), false);
    if (!method.reason.empty()) add("reason=" + written(method.reason), false);
    for (const auto& property : method.properties) {
      add(fmt::format("{}.{}={}", property.type, property.name, written(property.value)), false);
    }
  }
  return out + "\r\n";
}

bool claims_authserv_id(const mail::HeaderField& field, std::string_view authserv_id) {
  auto tokens = tokens_of(field.value, true);
  if (!tokens || tokens->empty()) return false;
  auto name = tokens->front().text;
  while (name.ends_with('.')) name.pop_back();
  // "mx.example.org/1" is the old way to write a version.
  const auto slash = name.find('/');
  if (slash != std::string::npos) name.resize(slash);
  if (mail::equals_ignoring_case(name, authserv_id)) return true;
  const auto domain = mail::Domain::parse(name);
  return domain && mail::equals_ignoring_case(domain->text(), authserv_id);
}

}  // namespace mailreeve::auth
