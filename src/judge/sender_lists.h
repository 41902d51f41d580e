// SPDX-License-Identifier: Apache-2.0
// Block and allow lists of an operator: [checks.lists] and [policy.X.lists].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "judge/facts.h"
#include "judge/finding.h"

namespace mailreeve::judge {

/// One entry, "KIND:PATTERN":
///   ip:192.0.2.1  ip:192.0.2.0/24   the client's address
///   helo:mail.example.org           its name in HELO; `*.example.org` for all below
///   from-envelope:a@b  from-envelope:*@b  from-envelope:b   the envelope sender; proves nothing
///   from-header:a@b  ...            an author in From
///   domain:partner.example          a domain that SPF or DKIM proves; subdomains count
struct ListEntry {
  enum class Kind : std::uint8_t { ip, helo, from_envelope, from_header, domain };
  Kind kind = Kind::ip;
  std::string pattern;  // lower case
  std::optional<IpNetwork> network;
  std::string text;  // as written
};
/// The error says what to write.
Result<ListEntry> parse_list_entry(std::string_view text);

struct SenderLists {
  std::vector<ListEntry> block, allow;
  /// lists.block and lists.allow, one finding an entry that matches. Entries about the message match nothing before it
  /// is known.
  Findings match(const Facts& facts) const;
  /// Only `ip:` entries of `block`: who is not even greeted.
  const ListEntry* blocked_address(const IpAddress& client) const;
};

}  // namespace mailreeve::judge
