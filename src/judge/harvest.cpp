// SPDX-License-Identifier: Apache-2.0
#include "judge/harvest.h"

namespace mailreeve::judge {

Task<bool> Harvest::is_blocked(IpAddress client, const HarvestOptions& options, WallTime now) {
  if (options.unknown_limit == 0) co_return false;
  const auto mark = co_await marks_.find("harvest-block:" + counting_network(client).text(), now);
  co_return mark.has_value();
}

Task<bool> Harvest::saw_unknown(IpAddress client, const HarvestOptions& options, WallTime now) {
  if (options.unknown_limit == 0) co_return false;
  const auto network = counting_network(client).text();
  const auto seen = co_await marks_.add("harvest:" + network, 1, now, options.window);
  if (seen.value < static_cast<std::int64_t>(options.unknown_limit)) co_return false;
  co_await marks_.put("harvest-block:" + network, store::Mark{seen.value, now, now + options.block, {}});
  co_await marks_.erase("harvest:" + network);
  co_return true;
}

}  // namespace mailreeve::judge
