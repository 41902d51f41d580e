// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/ip.h"
#include "net/endpoint.h"

namespace mailreeve::web {

struct Options {
  std::vector<net::Endpoint> addresses;      // the `web` listeners without TLS; may be empty
  std::vector<net::Endpoint> tls_addresses;  // those with `tls = "implicit"`
  std::string url;                           // base of links in mails, without a slash at its end
  std::vector<IpNetwork> trusted_proxies;    // whose X-Forwarded-For and X-Forwarded-Proto are believed
  std::chrono::seconds session_idle = std::chrono::minutes{30};  // without a request
  std::chrono::seconds session_max = std::chrono::hours{12};     // from signing in
  std::chrono::seconds audit_keep = std::chrono::hours{24 * 365};
};

}  // namespace mailreeve::web
