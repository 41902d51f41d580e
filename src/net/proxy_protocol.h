// SPDX-License-Identifier: Apache-2.0
// The header that a load balancer puts before a connection to say who really connected (HAProxy PROXY protocol v1, v2).
#pragma once

#include <optional>
#include <string_view>

#include "net/endpoint.h"

namespace mailreeve::net {

struct ProxyHeader {
  std::size_t size = 0;            // octets of the header; what follows is the client's
  std::optional<Endpoint> client;  // nothing for UNKNOWN and LOCAL: the balancer itself, a health check
};

/// The longest header that is read: v1 has 107 octets at most, v2 may carry TLVs up to this.
inline constexpr std::size_t proxy_header_limit = 4096;

/// Reads a header from the start of `bytes`. Nothing: more bytes are needed. An error: this is no header.
Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes);

}  // namespace mailreeve::net
