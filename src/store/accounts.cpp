// SPDX-License-Identifier: Apache-2.0
#include "store/accounts.h"

#include <array>

namespace mailreeve::store {
namespace {

constexpr std::array<std::string_view, 3> names{"viewer", "reviewer", "admin"};

}  // namespace

std::string_view name(Role role) { return names[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace mailreeve::store
