// SPDX-License-Identifier: Apache-2.0
// Policy records (RFC 9989 4.7).
#include <fmt/format.h>

#include <charconv>

#include "auth/dmarc.h"
#include "auth/tag_list.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

constexpr std::size_t record_limit = 16U << 10;
constexpr std::size_t uri_limit = 20;

std::optional<DmarcPolicy> policy_of(std::string_view text) {
  const auto word = mail::lower(text);
  if (word == "none") return DmarcPolicy::none;
  if (word == "quarantine") return DmarcPolicy::quarantine;
  if (word == "reject") return DmarcPolicy::reject;
  return std::nullopt;
}

std::vector<std::string> uris_of(std::string_view text) {
  std::vector<std::string> uris;
  for (const auto uri : split(text, ',')) {
    if (!uri.empty() && uris.size() < uri_limit) uris.emplace_back(uri);
  }
  return uris;
}

void read_tag(const std::string& tag, std::string_view value, DmarcRecord& record, bool& has_policy) {
  if (tag == "p") {
    const auto policy = policy_of(value);
    has_policy = policy.has_value();
    record.p = policy.value_or(DmarcPolicy::none);
  } else if (tag == "sp") {
    record.sp = policy_of(value);
  } else if (tag == "np") {
    record.np = policy_of(value);
  } else if (tag == "adkim") {
    record.strict_dkim = mail::lower(value) == "s";
  } else if (tag == "aspf") {
    record.strict_spf = mail::lower(value) == "s";
  } else if (tag == "t") {
    record.testing = mail::lower(value) == "y";
  } else if (tag == "psd") {
    const auto word = mail::lower(value);
    record.psd = word == "y" || word == "n" ? word.front() : 'u';
  } else if (tag == "rua") {
    record.rua = uris_of(value);
  } else if (tag == "ruf") {
    record.ruf = uris_of(value);
  } else if (tag == "fo") {
    record.fo = value.substr(0, 20);
  } else if (tag == "pct") {
    unsigned percent = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), percent);
    record.pct = parsed.ec == std::errc{} && parsed.ptr == value.data() + value.size() ? percent : 0;
  }
}

}  // namespace

std::string_view name(DmarcResult result) {
  constexpr std::string_view words[] = {"none", "pass", "fail", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

std::string_view name(DmarcPolicy policy) {
  constexpr std::string_view words[] = {"none", "quarantine", "reject"};
  return words[static_cast<std::size_t>(policy)];
}

Result<DmarcRecord> parse_dmarc_record(std::string_view text) {
  if (text.size() > record_limit) return fail(ErrorKind::invalid, "the record is too large");
  DmarcRecord record;
  bool first = true;
  bool has_policy = false;
  for (const auto part : split(text, ';')) {
    const auto equals = part.find('=');
    const auto tag = mail::lower(trimmed(part.substr(0, equals)));
    const auto value = equals == std::string_view::npos ? std::string_view{} : trimmed(part.substr(equals + 1));
    if (first) {
      if (tag != "v" || value != "DMARC1") return fail(ErrorKind::invalid, "the record does not begin with v=DMARC1");
      first = false;
      continue;
    }
    // What is no tag, or an unknown one, is ignored.
    read_tag(tag, value, record, has_policy);
  }
  if (!has_policy && record.rua.empty()) return fail(ErrorKind::invalid, "the record has neither a valid p= nor rua=");
  // RFC 9989 A.6: pct is history; those who wrote 0 meant what t=y says now.
  if (record.pct && *record.pct == 0) record.testing = true;
  return record;
}

}  // namespace mailreeve::auth
