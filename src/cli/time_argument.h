// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "cli/command.h"
#include "net/http.h"

namespace mailreeve::cli {

/// Puts --since and --until, where they were given, into the query, as milliseconds since 1970: "2h", "3d" ago, or a
/// date like "2026-11-20" or "2026-11-20T14:00" (UTC).
Result<void> add_times(const Arguments& arguments, net::HttpRequest& request);

}  // namespace mailreeve::cli
