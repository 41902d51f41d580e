// SPDX-License-Identifier: Apache-2.0
// Where a request really comes from, and whether a browser may have been talked into sending it.
#pragma once

#include <optional>
#include <string>

#include "net/http.h"
#include "web/options.h"

namespace mailreeve::web {

struct Origin {
  std::optional<IpAddress> client;  // behind trusted proxies: the rightmost address that is none of them
  bool secure = false;
  bool loopback = false;  // from this machine, and not through a proxy
};
Origin origin_of(const net::HttpRequest& request, const Options& options);

/// Whether its Origin and Sec-Fetch-Site fields, where it has them, name our own pages: the host it was sent to, or
/// `[web] url`. Else says what is wrong.
Result<void> check_same_origin(const net::HttpRequest& request, const Origin& origin, const Options& options);

}  // namespace mailreeve::web
