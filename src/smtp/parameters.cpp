// SPDX-License-Identifier: Apache-2.0
#include "smtp/parameters.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "mail/characters.h"
#include "smtp/server_replies.h"

namespace mailreeve::smtp {
namespace {

using mail::equals_ignoring_case;

constexpr std::size_t envid_limit = 100;  // octets, RFC 3461 4.4
constexpr std::size_t orcpt_limit = 500;  // octets, RFC 3461 4.2

struct Parameter {
  std::string_view keyword;
  std::optional<std::string_view> value;
};

/// Takes the next parameter off `text`; none at the end.
std::optional<Parameter> next_parameter(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.empty()) return std::nullopt;
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return Parameter{word, std::nullopt};
  return Parameter{word.substr(0, equals), word.substr(equals + 1)};
}

bool is_keyword(std::string_view text) {
  return !text.empty() && mail::is_alphanumeric(text.front()) &&
         std::ranges::all_of(text, [](char c) { return mail::is_alphanumeric(c) || c == '-' || c == '_'; });
}

int hex_value(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

/// RFC 3461 4. Nothing that decodes to a control character or beyond ASCII: it would end up in logs and notices.
bool is_xtext(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!mail::is_printable_ascii(c) || c == '=') return false;
    if (c != '+') continue;
    if (i + 2 >= text.size()) return false;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 2 || high > 7 || low < 0 || (high == 7 && low == 15)) return false;
    i += 2;
  }
  return true;
}

/// "rfc822;user+40example.org"; with SMTPUTF8 "utf-8;..." may hold UTF-8 as it is (RFC 6533 3).
bool is_orcpt(std::string_view value, mail::Utf8 utf8) {
  const auto semicolon = value.find(';');
  if (value.size() > orcpt_limit || semicolon == std::string_view::npos || semicolon == 0) return false;
  const auto address = value.substr(semicolon + 1);
  if (address.empty() || !std::ranges::all_of(value.substr(0, semicolon), mail::is_atext)) return false;
  if (utf8 == mail::Utf8::refuse) return is_xtext(address);
  std::string ascii{address};
  std::erase_if(ascii, mail::is_high);
  return mail::is_safe_utf8(address) && is_xtext(ascii);
}

bool parse_notify(std::string_view value, mail::Notify& notify) {
  notify.set = true;
  if (equals_ignoring_case(value, "NEVER")) {
    notify.never = true;
    return true;
  }
  while (true) {
    const auto word = value.substr(0, value.find(','));
    if (equals_ignoring_case(word, "SUCCESS")) {
      notify.success = true;
    } else if (equals_ignoring_case(word, "FAILURE")) {
      notify.failure = true;
    } else if (equals_ignoring_case(word, "DELAY")) {
      notify.delay = true;
    } else {
      return false;
    }
    if (word.size() == value.size()) return true;
    value.remove_prefix(word.size() + 1);
  }
}

/// RFC 1870 4: up to 20 digits. One too large for us to count is as good as the largest: over every limit.
bool parse_size(std::string_view value, std::uint64_t& size) {
  if (value.empty() || value.size() > 20 || !std::ranges::all_of(value, mail::is_digit)) return false;
  const auto number = std::from_chars(value.data(), value.data() + value.size(), size);
  if (number.ec == std::errc::result_out_of_range) size = std::numeric_limits<std::uint64_t>::max();
  return true;
}

enum class Judged { good, bad, unknown };

Judged judge_mail_parameter(const Parameter& parameter, MailArguments& into) {
  const auto is = [&](std::string_view keyword) { return equals_ignoring_case(parameter.keyword, keyword); };
  const auto value = parameter.value.value_or(std::string_view{});
  const auto verdict = [](bool good) { return good ? Judged::good : Judged::bad; };
  if (is("SIZE")) {
    std::uint64_t size = 0;
    if (!parse_size(value, size)) return Judged::bad;
    into.size = size;
    return Judged::good;
  }
  if (is("BODY")) {
    const bool eight = equals_ignoring_case(value, "8BITMIME");
    into.body_type = eight ? mail::BodyType::eight_bit : mail::BodyType::seven_bit;
    return verdict(eight || equals_ignoring_case(value, "7BIT"));
  }
  if (is("SMTPUTF8")) {
    into.smtputf8 = true;
    return verdict(!parameter.value.has_value());
  }
  if (is("RET")) {
    const bool full = equals_ignoring_case(value, "FULL");
    into.ret = full ? mail::Ret::full : mail::Ret::headers;
    return verdict(full || equals_ignoring_case(value, "HDRS"));
  }
  if (is("ENVID")) {
    into.envid = value;
    return verdict(!value.empty() && value.size() <= envid_limit && is_xtext(value));
  }
  return Judged::unknown;
}

Judged judge_rcpt_parameter(const Parameter& parameter, mail::Utf8 utf8, RcptArguments& into) {
  const auto value = parameter.value.value_or(std::string_view{});
  if (equals_ignoring_case(parameter.keyword, "NOTIFY")) {
    return parse_notify(value, into.notify) ? Judged::good : Judged::bad;
  }
  if (equals_ignoring_case(parameter.keyword, "ORCPT")) {
    into.orcpt = value;
    return is_orcpt(value, utf8) ? Judged::good : Judged::bad;
  }
  return Judged::unknown;
}

template <class Judge>
std::optional<Reply> parse_all(std::string_view text, Judge judge) {
  std::vector<std::string_view> seen;  // never more than the known keywords
  while (const auto parameter = next_parameter(text)) {
    if (!is_keyword(parameter->keyword)) return replies::bad_parameter("keyword[=value]");
    for (const auto& keyword : seen)
      if (equals_ignoring_case(keyword, parameter->keyword)) return replies::bad_parameter("each parameter once");
    const auto judged = judge(*parameter);
    if (judged == Judged::unknown) return replies::unknown_parameter();
    if (judged == Judged::bad) return replies::bad_parameter("a parameter has no valid value");
    seen.push_back(parameter->keyword);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> parse_mail_parameters(std::string_view text, MailArguments& into) {
  return parse_all(text, [&](const Parameter& parameter) { return judge_mail_parameter(parameter, into); });
}

std::optional<Reply> parse_rcpt_parameters(std::string_view text, mail::Utf8 utf8, RcptArguments& into) {
  return parse_all(text, [&](const Parameter& parameter) { return judge_rcpt_parameter(parameter, utf8, into); });
}

}  // namespace mailreeve::smtp
