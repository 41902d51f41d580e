// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mailreeve {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 (::ffff:192.0.2.1) is kept as IPv4, as sockets of both families need.
class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::uint32_t host_order);
  static IpAddress from_bytes(const std::uint8_t* bytes, std::size_t size);  // size 4 or 16

  bool is_v4() const { return is_v4_; }
  const std::uint8_t* data() const { return is_v4_ ? bytes_.data() + 12 : bytes_.data(); }
  unsigned bits() const { return is_v4_ ? 32 : 128; }
  bool is_loopback() const;
  /// Not reachable from the Internet: RFC 1918, 6598, 3927, 4193, 4291 link-local, loopback, unspecified.
  bool is_private() const;
  std::string text() const;
  /// As in SMTP's address literals, without the brackets: 192.0.2.1 or IPv6:2001:db8::1 (RFC 5321 4.1.3).
  std::string literal() const;
  auto operator<=>(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
  bool is_v4_ = true;
};

/// An address and a prefix length; host bits must be zero, or the error says what was probably meant.
class IpNetwork {
 public:
  static Result<IpNetwork> parse(std::string_view text);  // "10.0.0.0/8", "2001:db8::/32", or a lone address
  IpNetwork(IpAddress address, unsigned prefix) : address_{address}, prefix_{prefix} {}
  const IpAddress& address() const { return address_; }
  unsigned prefix() const { return prefix_; }
  bool contains(const IpAddress& address) const;
  bool contains(const IpNetwork& other) const { return other.prefix_ >= prefix_ && contains(other.address_); }
  std::string text() const;
  auto operator<=>(const IpNetwork&) const = default;

 private:
  IpAddress address_;
  unsigned prefix_;
};

/// The network that per-address limits count by: an IPv4 address alone, an IPv6 /64.
IpNetwork counting_network(const IpAddress& address);

}  // namespace mailreeve
