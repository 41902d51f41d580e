// SPDX-License-Identifier: Apache-2.0
// The one place where a caller is compared with what a route needs.
#pragma once

#include "web/access.h"
#include "web/call.h"

namespace mailreeve::web {

enum class Door { control, network };

/// Calls the handler when its caller may have it; else answers 401, 403, 415 or 503. `call` has services and request.
Task<net::HttpResponse> admit(Task<net::HttpResponse> (*handler)(Call), Needs needs, Door door, Call call);

}  // namespace mailreeve::web
