// SPDX-License-Identifier: Apache-2.0
#include "store/queue.h"

#include <array>
#include <utility>

namespace mailreeve::store {

namespace {
constexpr std::array<std::string_view, 6> names{"queued", "held", "refused", "expired", "delivered", "dropped"};
}

std::string_view name(RecipientState state) { return names[static_cast<std::size_t>(state)]; }

std::optional<RecipientState> parse_recipient_state(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<RecipientState>(i);
  }
  return std::nullopt;
}

}  // namespace mailreeve::store
