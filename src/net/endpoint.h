// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/ip.h"

namespace mailreeve::net {

/// An address and a TCP port: "127.0.0.1:25", "[::1]:25".
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  static Result<Endpoint> parse(std::string_view text);
  std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace mailreeve::net
