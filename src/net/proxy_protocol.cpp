// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_protocol.h"

#include <array>
#include <charconv>

namespace mailreeve::net {
namespace {

using namespace std::string_view_literals;

constexpr auto v2_signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t v2_fixed = 16;  // signature, version and command, family, length
constexpr std::size_t v1_longest = 107;

std::unexpected<Error> broken(const char* what) { return fail(ErrorKind::invalid, what, Blame::peer); }

std::uint16_t big_endian(std::string_view two) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(two[0]) << 8 | static_cast<unsigned char>(two[1]));
}

Result<std::optional<ProxyHeader>> parse_v2(std::string_view bytes) {
  if (bytes.size() < v2_fixed) return std::optional<ProxyHeader>{};
  const auto version = static_cast<unsigned char>(bytes[12]) >> 4;
  const auto command = static_cast<unsigned char>(bytes[12]) & 0x0f;
  const auto family = static_cast<unsigned char>(bytes[13]);
  const std::size_t length = big_endian(bytes.substr(14));
  if (version != 2 || command > 1) return broken("PROXY v2: unknown version or command");
  if (v2_fixed + length > proxy_header_limit) return broken("PROXY v2: header too long");
  if (bytes.size() < v2_fixed + length) return std::optional<ProxyHeader>{};
  ProxyHeader header;
  header.size = v2_fixed + length;
  const auto body = bytes.substr(v2_fixed, length);
  const auto* data = reinterpret_cast<const std::uint8_t*>(body.data());
  if (command == 0) return header;
  if (family == 0x11) {
    if (length < 12) return broken("PROXY v2: IPv4 block too short");
    header.client = Endpoint{IpAddress::from_bytes(data, 4), big_endian(body.substr(8))};
  } else if (family == 0x21) {
    if (length < 36) return broken("PROXY v2: IPv6 block too short");
    header.client = Endpoint{IpAddress::from_bytes(data, 16), big_endian(body.substr(32))};
  } else if (family != 0x00) {
    return broken("PROXY v2: not TCP");
  }
  return header;
}

// "PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n"
Result<std::optional<ProxyHeader>> parse_v1(std::string_view bytes) {
  const auto end = bytes.substr(0, v1_longest).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= v1_longest) return broken("PROXY v1: line too long");
    return std::optional<ProxyHeader>{};
  }
  std::array<std::string_view, 6> words;
  std::size_t count = 0;
  for (auto rest = bytes.substr(0, end); count < words.size();) {
    const auto space = rest.find(' ');
    words[count++] = rest.substr(0, space);
    if (space == std::string_view::npos) break;
    rest.remove_prefix(space + 1);
    if (count == words.size()) return broken("PROXY v1: too many words");
  }
  ProxyHeader header;
  header.size = end + 2;
  if (count >= 2 && words[1] == "UNKNOWN") return header;
  if (count != 6 || (words[1] != "TCP4" && words[1] != "TCP6")) return broken("PROXY v1: malformed");
  const auto source = IpAddress::parse(words[2]);
  const auto destination = IpAddress::parse(words[3]);
  if (!source || !destination || (words[1] == "TCP6") != (words[2].find(':') != std::string_view::npos)) {
    return broken("PROXY v1: bad address");
  }
  std::uint16_t ports[2] = {};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto word = words[4 + i];
    const auto read = std::from_chars(word.data(), word.data() + word.size(), ports[i]);
    if (read.ec != std::errc{} || read.ptr != word.data() + word.size()) return broken("PROXY v1: bad port");
  }
  header.client = Endpoint{*source, ports[0]};
  return header;
}

}  // namespace

Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes) {
  constexpr auto v1_start = "PROXY "sv;
  const auto begins = [bytes](std::string_view start) {
    const auto size = std::min(bytes.size(), start.size());
    return bytes.substr(0, size) == start.substr(0, size);
  };
  if (bytes.empty()) return std::optional<ProxyHeader>{};
  if (begins(v2_signature)) {
    if (bytes.size() < v2_signature.size()) return std::optional<ProxyHeader>{};
    return parse_v2(bytes);
  }
  if (begins(v1_start)) {
    if (bytes.size() < v1_start.size()) return std::optional<ProxyHeader>{};
    return parse_v1(bytes);
  }
  return broken("no PROXY header where one is required");
}

}  // namespace mailreeve::net
