// SPDX-License-Identifier: Apache-2.0
// SPF (RFC 7208): may this client send for this identity?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "dns/resolver.h"
#include "mail/address.h"

namespace mailreeve::auth {

enum class SpfResult : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };
std::string_view name(SpfResult result);  // as in RFC 8601: "pass", "softfail", ...

struct SpfQuestion {
  IpAddress client;
  std::string helo;      // as given; a literal or something odd never has a record
  std::string sender;    // "local@domain"; empty for the null reverse-path: postmaster@HELO is checked (RFC 7208 2.4)
  std::string receiver;  // our host name, for %{r}
};

/// For domains that publish nothing, on an operator's wish: A and MX of the domain, both with the client's /24 or /64.
/// Never a verdict of the domain's owner, hence results of its own name (spf.none.implied-pass, implied-fail).
enum class Implied : std::uint8_t { not_asked, pass, fail, unknown };

/// One step of the evaluation, for people: depth, the term, what it came to. At most 200.
struct SpfStep {
  unsigned depth = 0;
  std::string domain;
  std::string term;     // "include:_spf.example.org", "ip4:192.0.2.0/24", "v=spf1 ..." for a record fetched
  std::string outcome;  // "match", "no match", "found", "no record", "servfail", ...
};

struct SpfOutcome {
  SpfResult result = SpfResult::none;
  std::string domain;         // whose record it was about, in lower case
  std::string matched;        // the directive that decided: "-all", "include:x (ip4:y)"; empty if none did
  std::string problem;        // of permerror and temperror: what is wrong, where
  std::string explanation;    // of fail with exp=: expanded and made safe (US-ASCII, one line); else empty
  unsigned lookups = 0;       // terms that cost DNS (limit 10, RFC 7208 4.6.4)
  unsigned void_lookups = 0;  // limit 2
  std::vector<SpfStep> steps;
};

struct SpfOptions {
  unsigned lookup_limit = 10;
  unsigned void_limit = 2;
  unsigned mx_limit = 10;  // addresses of an mx term, names of a ptr term
  bool fetch_explanation = true;
  bool keep_steps = false;
  std::string default_explanation;      // used where a fail has no exp=
  std::chrono::seconds time_limit{20};  // RFC 7208 4.6.4; then temperror
};

/// check_host() of the MAIL FROM identity, or of HELO where `identity` says so.
enum class SpfIdentity : std::uint8_t { mail_from, helo };
Task<SpfOutcome> check_spf(dns::Resolver& resolver, SpfQuestion question, SpfIdentity identity,
                           SpfOptions options = {});
Task<Implied> implied_spf(dns::Resolver& resolver, std::string domain, IpAddress client);

/// "Received-SPF: ..." with final CRLF, folded (RFC 7208 9.1). Values from outside are quoted.
std::string received_spf_field(const SpfOutcome& outcome, SpfIdentity identity, const SpfQuestion& question);

}  // namespace mailreeve::auth
