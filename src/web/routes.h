// SPDX-License-Identifier: Apache-2.0
// The HTTP API. Every route stands in one table in routes.cpp; errors are problem details (RFC 9457).
#pragma once

#include <string_view>
#include <vector>

#include "net/http.h"
#include "web/identity.h"
#include "web/services.h"

namespace mailreeve::web {

/// For the TCP listeners: each route asks who calls (identity.h).
net::HttpHandler make_public_handler(Services services);

/// For the control socket, whose file mode says who may: its callers are the local operator.
net::HttpHandler make_control_handler(Services services);

/// The table, for tests that walk it.
struct RouteFacts {
  std::string_view method;
  std::string_view pattern;
  Needs needs;
};
std::vector<RouteFacts> all_routes();

}  // namespace mailreeve::web
