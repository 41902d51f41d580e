// SPDX-License-Identifier: Apache-2.0
// Directory harvest: who names too many unknown recipients is guessing addresses.
#pragma once

#include "judge/checks/options.h"
#include "store/marks.h"

namespace mailreeve::judge {

/// Counts by counting_network: an IPv4 address alone, an IPv6 /64.
class Harvest {
 public:
  explicit Harvest(store::Marks& marks) : marks_{marks} {}
  Task<bool> is_blocked(IpAddress client, const HarvestOptions& options, WallTime now);
  /// True when this one was too many: from now on the address is blocked for `block`.
  Task<bool> saw_unknown(IpAddress client, const HarvestOptions& options, WallTime now);

 private:
  store::Marks& marks_;
};

}  // namespace mailreeve::judge
