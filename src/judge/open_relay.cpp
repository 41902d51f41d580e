// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "judge/recipients.h"

namespace mailreeve::judge {
namespace {

constexpr unsigned widest_v4 = 16;
constexpr unsigned widest_v6 = 32;

/// Wholly inside a range that the Internet does not route.
bool is_private(const IpNetwork& network) {
  static const auto ranges = [] {
    std::vector<IpNetwork> parsed;
    for (const char* text : {"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                             "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10"}) {
      parsed.push_back(*IpNetwork::parse(text));
    }
    return parsed;
  }();
  return std::ranges::any_of(ranges, [&](const auto& range) { return range.contains(network); });
}

/// NAT64 (RFC 6052): the whole of IPv4 behind one IPv6 /96.
bool is_nat64(const IpNetwork& network) {
  static const auto range = *IpNetwork::parse("64:ff9b::/96");
  return range.contains(network);
}

}  // namespace

std::optional<std::string> open_relay_reason(const IpNetwork& network) {
  const bool v4 = network.address().is_v4();
  if (network.prefix() == 0) {
    return fmt::format("{} is every address: anybody could send mail through this gateway (an open relay)",
                       network.text());
  }
  if (is_private(network)) return std::nullopt;
  if (!v4 && is_nat64(network) && network.prefix() < 96 + widest_v4) {
    return fmt::format(
        "{} stands for public IPv4 addresses behind NAT64, more than a /{} of them: strangers could "
        "send mail through this gateway (an open relay)",
        network.text(), widest_v4);
  }
  const unsigned widest = v4 ? widest_v4 : widest_v6;
  if (network.prefix() >= widest) return std::nullopt;
  return fmt::format(
      "{} holds addresses of the Internet and is wider than /{}: strangers could send mail through this gateway (an "
      "open relay); name the networks that are yours",
      network.text(), widest);
}

}  // namespace mailreeve::judge
