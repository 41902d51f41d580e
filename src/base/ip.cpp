// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace mailreeve {
namespace {

constexpr std::size_t mapped_prefix_bytes = 12;  // ::ffff:0:0/96, RFC 4291 2.5.5.2

bool is_mapped(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) && bytes[10] == 0xff &&
         bytes[11] == 0xff;
}

/// The address with every bit after the first `prefix` cleared.
IpAddress network_of(const IpAddress& address, unsigned prefix) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t size = address.bits() / 8;
  std::copy_n(address.data(), size, bytes.begin());
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned kept = prefix > i * 8 ? std::min<unsigned>(8, prefix - static_cast<unsigned>(i) * 8) : 0;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  return IpAddress::from_bytes(bytes.data(), size);
}

bool in(const IpAddress& address, std::string_view network) { return IpNetwork::parse(network)->contains(address); }

}  // namespace

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes_[mapped_prefix_bytes + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

IpAddress IpAddress::from_bytes(const std::uint8_t* bytes, std::size_t size) {
  IpAddress address;
  if (size == 4) {
    std::copy_n(bytes, 4, address.bytes_.begin() + mapped_prefix_bytes);
  } else {
    std::copy_n(bytes, 16, address.bytes_.begin());
    address.is_v4_ = is_mapped(address.bytes_);
  }
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated{text};
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return from_bytes(bytes.data(), 4);
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return from_bytes(bytes.data(), 16);
  return std::nullopt;
}

bool IpAddress::is_loopback() const {
  if (is_v4_) return bytes_[mapped_prefix_bytes] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes_[15] == 1;
}

bool IpAddress::is_private() const {
  if (is_loopback()) return true;
  if (is_v4_) {
    return in(*this, "0.0.0.0/8") || in(*this, "10.0.0.0/8") || in(*this, "172.16.0.0/12") ||
           in(*this, "192.168.0.0/16") || in(*this, "100.64.0.0/10") || in(*this, "169.254.0.0/16");
  }
  return in(*this, "::/128") || in(*this, "fc00::/7") || in(*this, "fe80::/10");
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, data(), buffer, sizeof buffer);
  return buffer;
}

std::string IpAddress::literal() const { return is_v4_ ? text() : "IPv6:" + text(); }

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  const auto address = IpAddress::parse(host);
  if (!address) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is not an IP network: write it like 192.0.2.0/24 or 2001:db8::/32", text));
  }
  if (slash == std::string_view::npos) return IpNetwork{*address, address->bits()};

  // A network of mapped addresses is written with IPv6 prefix lengths but means IPv4 hosts.
  const bool mapped = address->is_v4() && host.find(':') != std::string_view::npos;
  const unsigned longest = mapped ? 128 : address->bits();
  const unsigned shortest = mapped ? 96 : 0;
  const auto digits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || prefix > longest || prefix < shortest) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\": the prefix length after / must be a number from {} to {}",
                                                text, shortest, longest));
  }
  if (mapped) prefix -= 96;
  const auto network = network_of(*address, prefix);
  if (network != *address) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" has bits set after its first {}: did you mean {} (the network) or {} (this host)?",
                            text, prefix, IpNetwork(network, prefix).text(), address->text()));
  }
  return IpNetwork{*address, prefix};
}

bool IpNetwork::contains(const IpAddress& address) const {
  if (address.is_v4() != address_.is_v4()) return false;
  const std::uint8_t* ours = address_.data();
  const std::uint8_t* theirs = address.data();
  const unsigned whole = prefix_ / 8;
  if (!std::equal(ours, ours + whole, theirs)) return false;
  const unsigned rest = prefix_ % 8;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8 - rest)) == 0;
}

std::string IpNetwork::text() const { return fmt::format("{}/{}", address_.text(), prefix_); }

IpNetwork counting_network(const IpAddress& address) {
  const unsigned prefix = address.is_v4() ? 32 : 64;
  return IpNetwork{network_of(address, prefix), prefix};
}

}  // namespace mailreeve
