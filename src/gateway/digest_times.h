// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "store/wishes.h"

namespace mailreeve::gateway {

/// When the last digest of this kind was to be sent, at or before `now`: hourly at full hours, daily and on weekdays at
/// `at` after midnight, weekly on Mondays. In the machine's time zone, over changes of the clocks. Nothing for never.
std::optional<WallTime> latest_slot(store::DigestTimes times, std::chrono::minutes at, WallTime now);

/// "Sat 21 Nov, 10:02" in the machine's time zone.
std::string shown_time(WallTime time);

}  // namespace mailreeve::gateway
