// SPDX-License-Identifier: Apache-2.0
// /api/v1/overview and /api/v1/events.
#pragma once

#include "web/call.h"

namespace mailreeve::web {

/// Query: range ("1h", "24h", "7d").
Task<net::HttpResponse> show_overview(Call call);
/// Server-sent events: "overview" with the overview of the last hour, at once and when something changed.
Task<net::HttpResponse> stream_events(Call call);

}  // namespace mailreeve::web
