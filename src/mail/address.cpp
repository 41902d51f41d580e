// SPDX-License-Identifier: Apache-2.0
#include "mail/address.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "mail/characters.h"

namespace mailreeve::mail {
namespace {

constexpr std::size_t local_part_limit = 64;  // octets, RFC 5321 4.5.3.1.1
constexpr std::size_t domain_limit = 255;     // octets, RFC 5321 4.5.3.1.2
constexpr std::size_t label_limit = 63;       // octets, RFC 1035 2.3.4
constexpr std::size_t mailbox_limit = 254;    // octets: a path of 256 less < and >, RFC 5321 4.5.3.1.3
constexpr std::size_t unicode_limit = 1024;   // octets of a U-label name before IDNA looks at it

std::unexpected<Error> invalid(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

std::string quoted_for_log(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, 80)) shown += is_printable_ascii(c) ? c : '?';
  return text.size() > 80 ? shown + "..." : shown;
}

/// libidn2 allocates with malloc.
using IdnText = std::unique_ptr<char, decltype(&idn2_free)>;

Result<std::string> to_ascii(const std::string& name) {
  std::uint8_t* out = nullptr;
  const int code = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(name.c_str()), &out,
                                  IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
  const IdnText owner{reinterpret_cast<char*>(out), &idn2_free};
  if (code != IDN2_OK)
    return invalid(fmt::format("domain is no valid internationalised name: {}", idn2_strerror(code)));
  return std::string{owner.get()};
}

/// An A-label that decodes to something else than it encodes from is a disguise.
bool round_trips(const std::string& name) {
  char* out = nullptr;
  const int code = idn2_to_unicode_8z8z(name.c_str(), &out, 0);
  const IdnText owner{out, &idn2_free};
  if (code != IDN2_OK) return false;
  const auto back = to_ascii(owner.get());
  return back && *back == name;
}

/// Lower-cases a name of letters, digits, hyphens and dots. Lenient: underscores are in use (RFC 5321 forbids them).
Result<std::string> parse_ascii_name(std::string_view text) {
  if (text.empty()) return invalid("domain is empty");
  if (text.size() > domain_limit) return invalid("domain is longer than 255 octets");
  std::string name(text.size(), '\0');
  std::size_t label_start = 0;
  bool has_alabel = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      const auto label = text.substr(label_start, i - label_start);
      if (label.empty()) return invalid(fmt::format("domain has an empty label: {}", quoted_for_log(text)));
      if (label.size() > label_limit) return invalid("domain has a label longer than 63 octets");
      if (label.front() == '-' || label.back() == '-')
        return invalid(fmt::format("domain label starts or ends with a hyphen: {}", quoted_for_log(text)));
      if (std::string_view{name}.substr(label_start).starts_with("xn--")) has_alabel = true;
      label_start = i + 1;
      if (i < text.size()) name[i] = '.';
      continue;
    }
    const char c = text[i];
    if (!is_alphanumeric(c) && c != '-' && c != '_')
      return invalid(fmt::format("domain holds a character that names cannot have: {}", quoted_for_log(text)));
    name[i] = to_lower(c);
  }
  if (has_alabel && !round_trips(name))
    return invalid(fmt::format("domain holds an A-label that is not valid IDNA 2008: {}", quoted_for_log(text)));
  return name;
}

/// RFC 5321 4.1.3: `::` stands for at least two groups, which inet_pton does not ask for.
std::optional<IpAddress> parse_ipv6_literal(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  if (text.find("::") != std::string::npos) {
    std::size_t groups = text.find('.') != std::string::npos ? 1 : 0;  // a dotted quad fills two groups
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] != ':' && (i == 0 || text[i - 1] == ':')) ++groups;
    if (groups > 6) return std::nullopt;
  }
  return IpAddress::from_bytes(bytes.data(), bytes.size());
}

std::optional<IpAddress> parse_literal(std::string_view inner) {
  constexpr std::string_view tag = "ipv6:";
  if (inner.size() > 64) return std::nullopt;
  if (equals_ignoring_case(inner.substr(0, tag.size()), tag))
    return parse_ipv6_literal(std::string{inner.substr(tag.size())});
  std::array<std::uint8_t, 4> bytes{};
  if (inet_pton(AF_INET, std::string{inner}.c_str(), bytes.data()) != 1) return std::nullopt;
  return IpAddress::from_bytes(bytes.data(), bytes.size());
}

/// The end of a quoted string that starts at text[0], after its closing quote; its content goes to `content`.
Result<std::size_t> parse_quoted(std::string_view text, std::string& content) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') return i + 1;
    if (c == '\\') {
      if (++i == text.size()) break;
      c = text[i];
      if (!is_printable_ascii(c) && c != ' ')
        return invalid("quoted local part escapes what is no printable character");
    } else if (!is_printable_ascii(c) && c != ' ' && !is_high(c)) {
      return invalid("quoted local part holds a control character");
    }
    content += c;
  }
  return invalid("quoted local part is not closed");
}

Result<std::size_t> parse_dot_string(std::string_view text, std::string& content) {
  std::size_t i = 0;
  for (; i < text.size() && text[i] != '@'; ++i) {
    const char c = text[i];
    const bool misplaced_dot = c == '.' && (i == 0 || text[i - 1] == '.');
    if (misplaced_dot || (c != '.' && !is_atext(c) && !is_high(c)))
      return invalid(fmt::format("local part breaks the rules of RFC 5321: {}", quoted_for_log(text)));
  }
  if (i == 0) return invalid("local part is empty");
  if (text[i - 1] == '.') return invalid("local part ends in a dot");
  content = text.substr(0, i);
  return i;
}

bool is_dot_string(std::string_view local) {
  if (local.empty() || local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(local, [](char c) { return c == '.' || is_atext(c) || is_high(c); });
}

}  // namespace

Result<Domain> Domain::parse(std::string_view text) {
  Domain domain;
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.size() < 3) return invalid("address literal is not closed");
    domain.literal_ = parse_literal(text.substr(1, text.size() - 2));
    if (!domain.literal_) return invalid(fmt::format("no valid address literal: {}", quoted_for_log(text)));
    domain.text_ = "[" + domain.literal_->literal() + "]";
    return domain;
  }
  const bool ascii = std::ranges::none_of(text, is_high);
  Result<std::string> name;
  if (ascii) {
    name = parse_ascii_name(text);
  } else {
    if (text.size() > unicode_limit) return invalid("domain is longer than any domain can be");
    if (!is_safe_utf8(text) || text.find('\0') != std::string_view::npos) return invalid("domain is not valid UTF-8");
    const auto converted = to_ascii(std::string{text});
    if (!converted) return std::unexpected(converted.error());
    name = parse_ascii_name(*converted);
  }
  if (!name) return fail(name);
  domain.text_ = std::move(*name);
  return domain;
}

Result<Mailbox> Mailbox::parse(std::string_view text, Utf8 utf8) {
  if (text.size() > unicode_limit + local_part_limit) return invalid("address is longer than 254 octets");
  Mailbox mailbox;
  const auto local_end =
      text.starts_with('"') ? parse_quoted(text, mailbox.local_) : parse_dot_string(text, mailbox.local_);
  if (!local_end) return std::unexpected(local_end.error());
  if (*local_end > local_part_limit) return invalid("local part is longer than 64 octets");
  if (*local_end == text.size() || text[*local_end] != '@')
    return invalid(fmt::format("address has no @ after its local part: {}", quoted_for_log(text)));
  if (mailbox.needs_utf8()) {
    if (utf8 == Utf8::refuse) return invalid("local part is not ASCII, and SMTPUTF8 was not asked for");
    if (!is_safe_utf8(mailbox.local_)) return invalid("local part is not valid UTF-8");
  }
  auto domain = Domain::parse(text.substr(*local_end + 1));
  if (!domain) return fail(domain);
  mailbox.domain_ = std::move(*domain);
  if (mailbox.text().size() > mailbox_limit) return invalid("address is longer than 254 octets");
  return mailbox;
}

std::string Mailbox::text() const {
  if (is_dot_string(local_)) return local_ + "@" + domain_.text();
  std::string quoted = "\"";
  for (const char c : local_) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"@" + domain_.text();
}

bool Mailbox::needs_utf8() const { return std::ranges::any_of(local_, is_high); }

}  // namespace mailreeve::mail
