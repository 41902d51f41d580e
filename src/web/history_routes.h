// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "web/call.h"

namespace mailreeve::web {

/// Query: text (words), from, to, ip (address or network), since, until (milliseconds since 1970), verdict, finding,
/// limit, before.
Task<net::HttpResponse> search_history(Call call);
/// With its story, where it went, and what the log still holds of it.
Task<net::HttpResponse> show_history(Call call);

}  // namespace mailreeve::web
