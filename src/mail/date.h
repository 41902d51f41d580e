// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"

namespace mailreeve::mail {

/// "Fri, 20 Nov 2026 22:15:00 +0000" (RFC 5322 3.3), always in UTC.
std::string rfc5322_date(WallTime time);
/// "2026-11-20T22:15:00.123Z" (RFC 3339).
std::string iso8601(WallTime time);

}  // namespace mailreeve::mail
