// SPDX-License-Identifier: Apache-2.0
// What a DNS list's answer means (RFC 5782 2.1): a listing, or a refusal that must never be taken for one.
#pragma once

#include <string>
#include <vector>

#include "judge/checks/check.h"
#include "judge/checks/options.h"

namespace mailreeve::judge {

struct ListVerdict {
  Findings findings;    // of this zone, each code once
  std::string refusal;  // not empty: the list would not be asked, and this was its answer
  bool failed = false;
};

/// 127.255.255.0/24 and everything outside 127/8 refuse. `about`: what was asked, for the evidence.
ListVerdict read_list_answer(const ListZone& zone, const dns::Answer<IpAddress>& answer, const std::string& about);

/// Asks one zone about one name or reversed address; the reason that the list gives goes into the evidence.
Task<ListVerdict> ask_list(dns::Resolver& resolver, const ListZone& zone, std::string subject, std::string about);

}  // namespace mailreeve::judge
