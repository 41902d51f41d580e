// SPDX-License-Identifier: Apache-2.0
// An SPF record as terms (RFC 7208 4.6, 12). Syntax only: nothing is looked up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/spf.h"

namespace mailreeve::auth {

enum class SpfMechanism : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };

struct SpfDirective {
  SpfResult qualifier = SpfResult::pass;
  SpfMechanism mechanism = SpfMechanism::all;
  std::string_view text;    // the whole term as written
  std::string_view domain;  // domain-spec, macros unexpanded; empty: the current domain
  IpAddress address;        // ip4, ip6
  unsigned prefix4 = 32, prefix6 = 128;
};

/// Views point into the text that was parsed.
struct SpfRecord {
  std::vector<SpfDirective> directives;
  std::optional<std::string_view> redirect, exp;
};

/// Does this TXT start an SPF record (RFC 7208 4.5)?
bool is_spf_record(std::string_view text);

/// The error says which term is wrong. At most 64 KiB and 500 terms.
Result<SpfRecord> parse_spf_record(std::string_view text);

/// What a macro may name (RFC 7208 7.2).
struct SpfMacroValues {
  std::string_view sender, local, sender_domain, domain, helo, receiver;
  IpAddress client;
  std::string_view validated_name = "unknown";  // %{p}
  std::int64_t now = 0;                         // %{t}, seconds
};

/// Is the macro string well formed? `explanation`: %{c}, %{r} and %{t} may stand in it too.
bool is_macro_string(std::string_view text, bool explanation);
bool uses_macro(std::string_view text, char letter);
/// `text` must be a macro string. A result longer than 4,096 octets is cut.
std::string expand_macros(std::string_view text, const SpfMacroValues& values);
/// A macro string expanded to a name to ask: labels are dropped from the left until it has at most 253 octets
/// (RFC 7208 7.3).
std::string expand_domain(std::string_view text, const SpfMacroValues& values);

}  // namespace mailreeve::auth
