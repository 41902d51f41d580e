// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint.h"

#include <fmt/format.h>

#include <charconv>

namespace mailreeve::net {

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto wrong = [text] {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is no address and port; write 192.0.2.1:25 or [2001:db8::1]:25", text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || bracketed != (host.find(':') != std::string_view::npos)) return wrong();
  const auto digits = text.substr(colon + 1);
  Endpoint endpoint{*address, 0};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return wrong();
  return endpoint;
}

std::string Endpoint::text() const {
  return address.is_v4() ? fmt::format("{}:{}", address.text(), port) : fmt::format("[{}]:{}", address.text(), port);
}

}  // namespace mailreeve::net
