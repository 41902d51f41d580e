// SPDX-License-Identifier: Apache-2.0
#include "judge/finding.h"

namespace mailreeve::judge {

std::string_view name(Stage stage) {
  constexpr std::string_view words[] = {"connect", "helo", "mail", "message", "alignment", "closing"};
  return words[static_cast<std::size_t>(stage)];
}

}  // namespace mailreeve::judge
