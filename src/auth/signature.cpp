// SPDX-License-Identifier: Apache-2.0
#include "auth/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "auth/tag_list.h"
#include "mail/address.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t field_limit = 64U << 10;
constexpr std::size_t signed_fields_limit = 500;
constexpr std::size_t sha256_octets = 32;
constexpr std::size_t sha1_octets = 20;

}  // namespace

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (const auto label : split(name, '.')) {
    if (label.empty() || label.size() > 63) return false;
    for (const char c : label) {
      if (!mail::is_alphanumeric(c) && c != '-' && c != '_') return false;
    }
  }
  return true;
}

namespace {

/// Empty: U-labels that are none, or anything that is no name.
std::string domain_of(std::string_view text) {
  if (std::ranges::any_of(text, mail::is_high)) {
    const auto domain = mail::Domain::parse(text);
    return domain && !domain->is_literal() ? domain->text() : std::string{};
  }
  return is_dns_name(text) ? mail::lower(text) : std::string{};
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

bool read_canonical(std::string_view text, Canonical& out) {
  if (text == "relaxed") {
    out = Canonical::relaxed;
  } else if (text != "simple") {
    return false;
  }
  return true;
}

class Reader {
 public:
  Reader(Signature& signature, const TagList& tags, SignatureKind kind)
      : signature_{signature}, tags_{tags}, kind_{kind} {}

  void read() {
    read_names();
    read_algorithm();
    if (kind_ == SignatureKind::dkim && tags_.find("v") != std::optional<std::string_view>{"1"}) wrong("v= is not 1");
    read_octets("b", signature_.octets);
    if (kind_ == SignatureKind::arc_seal) {
      read_seal();
    } else {
      read_octets("bh", signature_.body_hash);
      const auto size = signature_.hash == HashAlgorithm::sha256 ? sha256_octets : sha1_octets;
      if (signature_.body_hash.size() != size) wrong("bh= is not as long as its hash");
      read_covered();
    }
    read_times();
    if (kind_ != SignatureKind::dkim) read_instance();
    if (kind_ == SignatureKind::dkim) read_identity();
  }

 private:
  void wrong(std::string_view why) {
    if (signature_.problem.empty()) signature_.problem = why;
  }

  void read_names() {
    const auto domain = tags_.find("d");
    const auto selector = tags_.find("s");
    if (!domain || !selector) {
      wrong(domain ? "s= is missing" : "d= is missing");
      return;
    }
    signature_.domain = domain_of(without_blanks(*domain));
    signature_.selector = domain_of(without_blanks(*selector));
    if (signature_.domain.empty()) wrong("d= is no domain");
    if (signature_.selector.empty()) wrong("s= is no selector");
  }

  void read_algorithm() {
    const auto given = tags_.find("a");
    if (!given) return wrong("a= is missing");
    signature_.algorithm = mail::lower(without_blanks(*given)).substr(0, 40);
    if (signature_.algorithm == "rsa-sha1") {
      signature_.hash = HashAlgorithm::sha1;
    } else if (signature_.algorithm == "ed25519-sha256") {
      signature_.key_type = KeyType::ed25519;
    } else if (signature_.algorithm != "rsa-sha256") {
      wrong("a= is unknown");
    }
  }

  void read_octets(std::string_view tag, std::string& out) {
    const auto given = tags_.find(tag);
    if (!given || given->empty()) return wrong(fmt::format("{}= is missing", tag));
    auto octets = from_base64(*given);
    if (!octets) return wrong(fmt::format("{}= is no base64", tag));
    out = std::move(*octets);
  }

  void read_covered() {
    // RFC 8617 4.1.2 leaves the default to DKIM's, but those who leave c= out of an ARC signature mean relaxed.
    if (kind_ == SignatureKind::arc_message) signature_.header = signature_.body = Canonical::relaxed;
    if (const auto canonical = tags_.find("c")) {
      signature_.header = signature_.body = Canonical::simple;
      const auto parts = split(*canonical, '/');
      const bool fine = parts.size() <= 2 && read_canonical(parts[0], signature_.header) &&
                        (parts.size() == 1 || read_canonical(parts[1], signature_.body));
      if (!fine) wrong("c= is unknown");
    }
    const auto names = tags_.find("h");
    const bool dkim = kind_ == SignatureKind::dkim;
    if (!names || (dkim && names->empty())) return wrong("h= is missing");
    if (names->empty()) return;  // RFC 8617 asks no field to be covered
    for (const auto name : split(*names, ':')) {
      if (signature_.fields.size() >= signed_fields_limit) return wrong("h= names too many fields");
      signature_.fields.push_back(mail::lower(name));
    }
    if (dkim && std::ranges::find(signature_.fields, "from") == signature_.fields.end())
      wrong("h= does not cover From");
    if (const auto query = tags_.find("q")) {
      const auto methods = split(*query, ':');
      if (std::ranges::find(methods, "dns/txt") == methods.end()) wrong("q= names no known way to the key");
    }
    if (const auto length = tags_.find("l")) {
      signature_.length = number(*length);
      if (!signature_.length) wrong("l= is no number");
    }
  }

  void read_times() {
    const auto read = [this](std::string_view tag, std::optional<std::uint64_t>& out) {
      const auto given = tags_.find(tag);
      if (!given) return;
      out = number(*given);
      if (!out) wrong(fmt::format("{}= is no number", tag));
    };
    read("t", signature_.signed_at);
    if (kind_ != SignatureKind::arc_seal) read("x", signature_.expires_at);
    if (signature_.signed_at && signature_.expires_at && *signature_.expires_at < *signature_.signed_at) {
      wrong("x= lies before t=");
    }
  }

  void read_instance() {
    const auto given = tags_.find("i");
    const auto instance = given ? number(*given) : std::nullopt;
    constexpr std::uint64_t most = 50;  // RFC 8617 4.2.1
    if (!instance || *instance == 0 || *instance > most) return wrong("i= is missing or out of range");
    signature_.instance = static_cast<unsigned>(*instance);
  }

  void read_seal() {
    // RFC 8617 4.1.3: a seal covers a set of fields that is fixed.
    if (tags_.find("h")) wrong("a seal must not have h=");
    const auto cv = tags_.find("cv");
    if (!cv) return wrong("cv= is missing");
    signature_.cv = mail::lower(*cv);
    if (signature_.cv != "none" && signature_.cv != "pass" && signature_.cv != "fail") wrong("cv= is unknown");
  }

  void read_identity() {
    const auto given = tags_.find("i");
    if (!given) {
      signature_.identity = '@' + signature_.domain;
      return;
    }
    signature_.identity = without_blanks(*given).substr(0, 320);
    const auto at = signature_.identity.rfind('@');
    const auto domain = at == std::string::npos ? std::string{} : domain_of(signature_.identity.substr(at + 1));
    const bool below = domain == signature_.domain || domain.ends_with('.' + signature_.domain);
    if (!below) wrong("i= is not in d=");
  }

  Signature& signature_;
  const TagList& tags_;
  SignatureKind kind_;
};

}  // namespace

Signature parse_signature(const mail::HeaderField& field, SignatureKind kind) {
  Signature signature;
  signature.field = &field;
  if (field.raw.size() > field_limit) {
    signature.problem = "the field is too long";
    signature.unreadable = true;
    return signature;
  }
  const auto tags = TagList::parse(field.value);
  if (!tags) {
    signature.problem = tags.error().text;
    signature.unreadable = true;
    return signature;
  }
  Reader{signature, *tags, kind}.read();
  return signature;
}

void append_signed_fields(std::string& out, const std::vector<std::string>& names, const mail::Header& header,
                          Canonical canonical) {
  // RFC 6376 5.4.2: a name that stands several times takes the fields from the bottom up.
  std::vector<bool> used(header.fields().size(), false);
  for (const auto& name : names) {
    for (auto i = header.fields().size(); i-- > 0;) {
      const auto& field = header.fields()[i];
      if (used[i] || field.name.size() != name.size() || !mail::equals_ignoring_case(field.name, name)) continue;
      used[i] = true;
      append_canonical(out, field, canonical);
      break;
    }
  }
}

void append_own_field(std::string& out, const mail::HeaderField& field, Canonical canonical) {
  const mail::Header own{without_signature(field)};
  if (own.fields().empty()) return;
  append_canonical(out, own.fields().front(), canonical);
  if (out.ends_with("\r\n")) out.resize(out.size() - 2);
}

std::string header_hash(const Signature& signature, const mail::Header& header) {
  std::string covered;
  covered.reserve(2048);
  append_signed_fields(covered, signature.fields, header, signature.header);
  append_own_field(covered, *signature.field, signature.header);
  Hash hash{signature.hash};
  hash.update(covered);
  return hash.finish();
}

}  // namespace mailreeve::auth
