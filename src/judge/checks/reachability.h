// SPDX-License-Identifier: Apache-2.0
// Could a domain be answered? What its MX and addresses say; shared by the checks of the envelope's and the header's
// sender.
#pragma once

#include <string>

#include "dns/resolver.h"

namespace mailreeve::judge {

struct Reachability {
  enum class Kind : std::uint8_t { fine, no_domain, no_mail, null_mx, private_mx, bad_mx, unknown };
  Kind kind = Kind::fine;
  std::string evidence;
};

/// At most 10 mail exchangers are looked at.
Task<Reachability> reachability_of(dns::Resolver& resolver, std::string domain);

}  // namespace mailreeve::judge
