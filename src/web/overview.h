// SPDX-License-Identifier: Apache-2.0
// What the overview shows, gathered and written down.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "web/services.h"

namespace mailreeve::web {

struct OverviewRange {
  std::string_view name;
  std::chrono::seconds length;
  std::chrono::seconds step;  // of one bucket
};
/// "1h", "24h", "7d".
std::optional<OverviewRange> parse_overview_range(std::string_view name);

struct Overview {
  std::string json;
  std::string without_time;  // equal as long as nothing changed
};
/// As it was at most half a second ago. Never fails: what cannot be asked stands as zero, and `attention` says so.
Task<Overview> make_overview(std::shared_ptr<const Services> services, OverviewRange range);

}  // namespace mailreeve::web
