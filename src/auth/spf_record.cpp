// SPDX-License-Identifier: Apache-2.0
#include "auth/spf_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t record_limit = 64U << 10;
constexpr std::size_t term_limit = 500;
constexpr std::string_view version = "v=spf1";

struct MechanismName {
  std::string_view name;
  SpfMechanism mechanism;
};
constexpr MechanismName mechanism_names[] = {{"all", SpfMechanism::all}, {"include", SpfMechanism::include},
                                             {"a", SpfMechanism::a},     {"mx", SpfMechanism::mx},
                                             {"ptr", SpfMechanism::ptr}, {"ip4", SpfMechanism::ip4},
                                             {"ip6", SpfMechanism::ip6}, {"exists", SpfMechanism::exists}};

std::unexpected<Error> wrong(std::string_view term, std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("\"{}\" {}", term.substr(0, 80), why));
}

/// RFC 7208 12: a prefix length without leading zeroes.
std::optional<unsigned> read_prefix(std::string_view text, unsigned most) {
  unsigned value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

/// "%{d}", "%%", "%_" or "%-" at the end, in a macro-string known to be well formed.
bool ends_with_macro(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto size = text[i] != '%' ? 1 : text.substr(i).starts_with("%{") ? text.find('}', i) + 1 - i : 2;
    i += size;
    if (i >= text.size()) return size > 1;
  }
  return false;
}

/// RFC 7208 7.1: what ends a domain-spec is a macro, or a label that begins with a letter and is no number.
bool has_domain_end(std::string_view text) {
  if (ends_with_macro(text)) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return false;
  const auto top = text.substr(dot + 1);
  if (top.empty() || top.front() == '-' || top.back() == '-') return false;
  bool only_digits = true;
  for (const char c : top) {
    if (!mail::is_alphanumeric(c) && c != '-') return false;
    only_digits = only_digits && mail::is_digit(c);
  }
  return !only_digits;
}

bool is_domain_spec(std::string_view text) {
  return !text.empty() && is_macro_string(text, false) && has_domain_end(text);
}

/// "/24", "/24//64", "//64" at the end of a and mx; what is before stays in `text`.
bool take_dual_cidr(std::string_view& text, SpfDirective& directive) {
  // A domain-spec may hold slashes itself: only what ends the term is a prefix length.
  const auto tail = text.find_last_not_of("0123456789/") + 1;
  const auto slash = text.find('/', tail);
  if (slash == std::string_view::npos) return true;
  auto rest = text.substr(slash);
  text = text.substr(0, slash);
  const auto six = rest.find("//");
  if (six != std::string_view::npos) {
    const auto prefix = read_prefix(rest.substr(six + 2), 128);
    if (!prefix) return false;
    directive.prefix6 = *prefix;
    rest = rest.substr(0, six);
  }
  if (rest.empty()) return true;
  const auto prefix = read_prefix(rest.substr(1), 32);
  if (!prefix) return false;
  directive.prefix4 = *prefix;
  return true;
}

Result<void> read_ip(std::string_view term, std::string_view value, SpfDirective& directive) {
  const bool four = directive.mechanism == SpfMechanism::ip4;
  const auto slash = value.find('/');
  if (slash != std::string_view::npos) {
    const auto prefix = read_prefix(value.substr(slash + 1), four ? 32 : 128);
    if (!prefix) return wrong(term, "has a wrong prefix length");
    (four ? directive.prefix4 : directive.prefix6) = *prefix;
    value = value.substr(0, slash);
  }
  const auto address = IpAddress::parse(value);
  const bool has_colon = value.find(':') != std::string_view::npos;
  if (!address || has_colon == four) return wrong(term, "has a wrong address");
  directive.address = *address;
  return {};
}

Result<SpfDirective> read_directive(std::string_view term) {
  SpfDirective directive;
  directive.text = term;
  auto rest = term;
  constexpr std::pair<char, SpfResult> qualifiers[] = {
      {'+', SpfResult::pass}, {'-', SpfResult::fail}, {'~', SpfResult::softfail}, {'?', SpfResult::neutral}};
  for (const auto& [sign, result] : qualifiers) {
    if (rest.front() != sign) continue;
    directive.qualifier = result;
    rest.remove_prefix(1);
    break;
  }
  const auto end = rest.find_first_of(":/");
  const auto word = rest.substr(0, end);
  const auto* known = std::ranges::find_if(
      mechanism_names, [&](const auto& name) { return mail::equals_ignoring_case(name.name, word); });
  if (known == std::end(mechanism_names)) return wrong(term, "is no mechanism");
  directive.mechanism = known->mechanism;
  auto value = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  const bool has_value = value.starts_with(':');
  using enum SpfMechanism;
  switch (directive.mechanism) {
    case all:
      if (!value.empty()) return wrong(term, "takes nothing behind it");
      break;
    case ip4:
    case ip6: {
      if (!has_value) return wrong(term, "needs an address");
      auto read = read_ip(term, value.substr(1), directive);
      if (!read) return fail(read);
      break;
    }
    case a:
    case mx:
      if (!take_dual_cidr(value, directive)) return wrong(term, "has a wrong prefix length");
      [[fallthrough]];
    case ptr:
    case include:
    case exists: {
      const bool needs = directive.mechanism == include || directive.mechanism == exists;
      if (value.empty() && !needs) break;
      if (!value.starts_with(':')) return wrong(term, needs ? "needs a domain" : "is malformed");
      directive.domain = value.substr(1);
      if (!is_domain_spec(directive.domain)) return wrong(term, "has a malformed domain");
      break;
    }
  }
  return directive;
}

/// A modifier: name=value, with a name of letters, digits and -_. that begins with a letter (RFC 7208 12).
bool is_modifier(std::string_view term) {
  const auto equals = term.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  const auto name = term.substr(0, equals);
  const auto letter = mail::to_lower(name.front());
  if (letter < 'a' || letter > 'z') return false;
  return std::ranges::all_of(name, [](char c) { return mail::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

Result<void> read_modifier(std::string_view term, SpfRecord& record) {
  const auto equals = term.find('=');
  const auto name = term.substr(0, equals);
  const auto value = term.substr(equals + 1);
  const bool redirect = mail::equals_ignoring_case(name, "redirect");
  if (!redirect && !mail::equals_ignoring_case(name, "exp")) {
    if (!is_macro_string(value, false)) return wrong(term, "is malformed");
    return {};
  }
  auto& place = redirect ? record.redirect : record.exp;
  if (place) return wrong(term, "stands twice");
  if (!is_domain_spec(value)) return wrong(term, "has a malformed domain");
  place = value;
  return {};
}

}  // namespace

bool is_spf_record(std::string_view text) {
  if (text.size() < version.size() || !mail::equals_ignoring_case(text.substr(0, version.size()), version))
    return false;
  return text.size() == version.size() || text[version.size()] == ' ';
}

Result<SpfRecord> parse_spf_record(std::string_view text) {
  if (text.size() > record_limit) return fail(ErrorKind::invalid, "the record is larger than 64 KiB");
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) return fail(ErrorKind::invalid, "the record holds octets that are not US-ASCII");
  }
  SpfRecord record;
  text.remove_prefix(version.size());
  std::size_t terms = 0;
  while (true) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return record;
    text.remove_prefix(begin);
    const auto term = text.substr(0, text.find(' '));
    text.remove_prefix(term.size());
    if (++terms > term_limit) return fail(ErrorKind::invalid, fmt::format("more than {} terms", term_limit));
    if (is_modifier(term)) {
      auto read = read_modifier(term, record);
      if (!read) return fail(read);
    } else {
      auto directive = read_directive(term);
      if (!directive) return fail(directive);
      record.directives.push_back(*directive);
    }
  }
}

}  // namespace mailreeve::auth
