// SPDX-License-Identifier: Apache-2.0
// DMARC (RFC 9989): does the domain that people see in From stand behind this message, and what does it ask for if not?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/arc.h"
#include "auth/dkim.h"
#include "auth/spf.h"
#include "mail/header.h"

namespace mailreeve::auth {

enum class DmarcResult : std::uint8_t { none, pass, fail, temperror, permerror };
std::string_view name(DmarcResult result);
enum class DmarcPolicy : std::uint8_t { none, quarantine, reject };
std::string_view name(DmarcPolicy policy);

struct DmarcRecord {
  DmarcPolicy p = DmarcPolicy::none;
  std::optional<DmarcPolicy> sp, np;
  bool strict_dkim = false, strict_spf = false;  // adkim, aspf
  bool testing = false;                          // t=y (RFC 9989); pct=0 of RFC 7489 reads as t=y
  char psd = 'u';                                // y, n, u
  std::vector<std::string> rua, ruf;
  std::string fo = "0";
  std::optional<unsigned> pct;  // RFC 7489's; historic, only 0 means anything now
};
/// One TXT value. Fails with what is wrong; unknown tags are ignored (RFC 9989 4.7).
Result<DmarcRecord> parse_dmarc_record(std::string_view text);

struct DmarcFound {
  dns::Status status = dns::Status::no_name;  // a failure: temperror
  std::optional<DmarcRecord> record;
  std::string domain;          // where the record stood
  std::string text;            // the record
  std::string organizational;  // the organizational domain of the domain asked about
  std::string problem;         // of several or broken records
};
/// The policy record that applies to `domain`: itself or found by the tree walk (RFC 9989 4.10), at most 8 look-ups.
Task<DmarcFound> find_dmarc(dns::Resolver& resolver, std::string domain);

struct DmarcQuestion {
  std::string from_domain;  // of the only author; see author_domains
  SpfResult spf = SpfResult::none;
  std::string spf_domain;                                // of MAIL FROM (or HELO for a null sender)
  std::vector<std::pair<std::string, DkimResult>> dkim;  // d= and result; partial bodies given as `policy`
};
struct DmarcOutcome {
  DmarcResult result = DmarcResult::none;
  DmarcPolicy published = DmarcPolicy::none;  // for this very domain: p, sp or np
  bool testing = false;                       // t=y
  DmarcPolicy policy = DmarcPolicy::none;     // what is asked for, one step less while testing (RFC 9989 4.7)
  std::string from_domain;
  std::string domain;  // where the record stood
  std::string record;
  std::string spf_aligned, dkim_aligned;  // the aligned domain; empty when none is
  std::string problem;
};
Task<DmarcOutcome> check_dmarc(dns::Resolver& resolver, DmarcQuestion question);

/// Domains in From, A-labels in lower case (RFC 9989 5.3.1: none or several different are the receiver's to treat).
struct Authors {
  std::vector<std::string> domains;  // different ones
  std::vector<mail::NamedAddress> addresses;
  unsigned fields = 0;  // From fields: more than one is forged or broken
  std::string problem;  // empty when there is exactly one field and it is well formed
};
Authors authors_of(const mail::Header& header);

/// The registrable domain by the public suffix list: for lists of domains that hold nothing else. "" when there is
/// none.
std::string registrable_domain(std::string_view host);

}  // namespace mailreeve::auth
