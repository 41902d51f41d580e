// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace mailreeve {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t longest_text = 45;  // an IPv6 address with a dotted tail

bool in(const IpAddress& address, const char* network) { return IpNetwork::parse(network)->contains(address); }

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() > longest_text) return std::nullopt;
  char zero_ended[longest_text + 1] = {};
  std::ranges::copy(text, zero_ended);
  std::uint8_t bytes[16];
  if (::inet_pton(AF_INET, zero_ended, bytes) == 1) return from_bytes(bytes, 4);
  if (::inet_pton(AF_INET6, zero_ended, bytes) == 1) return from_bytes(bytes, 16);
  return std::nullopt;
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
  const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(host_order >> 24),
                                 static_cast<std::uint8_t>(host_order >> 16),
                                 static_cast<std::uint8_t>(host_order >> 8), static_cast<std::uint8_t>(host_order)};
  return from_bytes(bytes, 4);
}

IpAddress IpAddress::from_bytes(const std::uint8_t* bytes, std::size_t size) {
  IpAddress address;
  if (size == 4) {
    std::copy_n(bytes, 4, address.bytes_.begin() + 12);
  } else if (size == 16) {
    std::copy_n(bytes, 16, address.bytes_.begin());
    address.is_v4_ = std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes);
  }
  return address;
}

bool IpAddress::is_loopback() const { return in(*this, is_v4_ ? "127.0.0.0/8" : "::1/128"); }

bool IpAddress::is_private() const {
  constexpr const char* v4_networks[] = {"0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10", "127.0.0.0/8",
                                         "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"};
  constexpr const char* v6_networks[] = {"::/128", "::1/128", "fc00::/7", "fe80::/10"};
  const auto inside = [this](const char* network) { return in(*this, network); };
  return is_v4_ ? std::ranges::any_of(v4_networks, inside) : std::ranges::any_of(v6_networks, inside);
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(is_v4_ ? AF_INET : AF_INET6, data(), out, sizeof out);
  return out;
}

std::string IpAddress::literal() const { return is_v4_ ? text() : "IPv6:" + text(); }

bool IpNetwork::contains(const IpAddress& address) const {
  if (address.is_v4() != address_.is_v4()) return false;
  const auto* mine = address_.data();
  const auto* theirs = address.data();
  const unsigned whole = prefix_ / 8;
  if (std::memcmp(mine, theirs, whole) != 0) return false;
  const unsigned rest = prefix_ % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (mine[whole] & mask) == (theirs[whole] & mask);
}

std::string IpNetwork::text() const { return fmt::format("{}/{}", address_.text(), prefix_); }

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return fail(ErrorKind::invalid, fmt::format("\"{}\" is no IP address or network", text));
  unsigned prefix = address->bits();
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size() ||
        prefix > address->bits()) {
      return fail(ErrorKind::invalid, fmt::format("\"{}\": the prefix length must be 0 to {}", text, address->bits()));
    }
  }
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t size = address->bits() / 8;
  std::copy_n(address->data(), size, bytes.begin());
  for (unsigned bit = prefix; bit < address->bits(); ++bit) {
    bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  }
  const auto first = IpAddress::from_bytes(bytes.data(), size);
  if (first != *address && first.is_v4() == address->is_v4()) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" has bits set beyond its prefix; write {}/{} or {}", text,
                                                first.text(), prefix, address->text()));
  }
  return IpNetwork{*address, prefix};
}

IpNetwork counting_network(const IpAddress& address) {
  if (address.is_v4()) return {address, 32};
  std::uint8_t bytes[16] = {};
  std::copy_n(address.data(), 8, bytes);
  return {IpAddress::from_bytes(bytes, 16), 64};
}

}  // namespace mailreeve
