// SPDX-License-Identifier: Apache-2.0
#include "scan/octet_codec.h"

namespace mailreeve::scan {

void write_items(OctetWriter& out, const std::vector<Item>& items) {
  out.add(std::uint64_t{items.size()});
  for (const auto& item : items) {
    out.add(std::string_view{item.place});
    out.add(item.names);
    out.add(std::string_view{item.declared});
    out.add(std::string_view{item.type});
    out.add(item.size);
    out.add(std::uint64_t{item.depth});
    out.add(std::uint64_t{item.offered} | std::uint64_t{item.encrypted} << 1U);
    out.add(std::string_view{item.sha256});
    out.add(item.categories);
  }
}

std::vector<Item> read_items(OctetReader& in) {
  std::vector<Item> items;
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    Item item;
    item.place = in.text();
    item.names = in.texts();
    item.declared = in.text();
    item.type = in.text();
    item.size = in.number();
    item.depth = static_cast<std::uint32_t>(in.number());
    const auto flags = in.number();
    item.offered = (flags & 1U) != 0;
    item.encrypted = (flags & 2U) != 0;
    item.sha256 = in.text();
    item.categories = in.texts();
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace mailreeve::scan
