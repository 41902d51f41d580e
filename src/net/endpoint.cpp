// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint.h"

#include <fmt/format.h>

#include <charconv>

namespace mailreeve::net {

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is not an address with a port ({}): write it like 127.0.0.1:25, 0.0.0.0:25 or "
                            "[::]:25",
                            text, why));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("the port is missing");
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool is_v6 = host.find(':') != std::string_view::npos;
  if (is_v6 && !bracketed) return wrong("an IPv6 address stands in brackets");
  if (!is_v6 && bracketed) return wrong("only an IPv6 address stands in brackets");
  const auto address = IpAddress::parse(host);
  if (!address) return wrong("the part before the port is not an IP address");

  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return wrong("the port must be 0 to 65535");
  return Endpoint{*address, port};
}

std::string Endpoint::text() const {
  return address.is_v4() ? fmt::format("{}:{}", address.text(), port) : fmt::format("[{}]:{}", address.text(), port);
}

}  // namespace mailreeve::net
