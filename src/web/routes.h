// SPDX-License-Identifier: Apache-2.0
// The HTTP API. Every route stands in one table in routes.cpp; errors are problem details (RFC 9457).
#pragma once

#include "net/http.h"
#include "web/services.h"

namespace mailreeve::web {

/// For the TCP listeners, open to whoever reaches them: /, /healthz, /metrics.
net::HttpHandler make_public_handler(Services services);

/// For the control socket, whose file mode says who may: the public routes and /api/v1.
net::HttpHandler make_control_handler(Services services);

}  // namespace mailreeve::web
