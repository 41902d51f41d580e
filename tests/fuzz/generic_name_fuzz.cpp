// SPDX-License-Identifier: Apache-2.0
// Any name and any address are judged; a name below mx or made of the address is judged as it must be.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "judge/checks/generic_name.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve;
  constexpr std::size_t address_size = 16;
  if (size < address_size) return 0;
  const auto v4 = IpAddress::from_bytes(data, 4);
  const auto v6 = IpAddress::from_bytes(data, address_size);
  const std::string_view name{reinterpret_cast<const char*>(data + address_size), size - address_size};
  judge::is_generic_name(name, v4);
  judge::is_generic_name(name, v6);
  const auto octets = v4.text();
  require(judge::is_generic_name(octets + ".isp.example", v4));
  require(!judge::is_generic_name("mx." + octets + ".isp.example", v4));
  auto dashed = octets;
  for (auto& c : dashed) c = c == '.' ? '-' : c;
  require(judge::is_generic_name("h" + dashed + ".isp.example", v4));
  return 0;
}
