// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace mailreeve::mail {

/// "Fri, 20 Nov 2026 22:15:00 +0000" (RFC 5322 3.3), always in UTC.
std::string rfc5322_date(WallTime time);
/// "2026-11-20T22:15:00.123Z" (RFC 3339).
std::string iso8601(WallTime time);

/// A Date field's value (RFC 5322 3.3), the obsolete forms too (4.3): comments, named zones, years of two digits.
/// Nothing when it is no date, or one that does not exist.
std::optional<WallTime> parse_date(std::string_view value);

}  // namespace mailreeve::mail
