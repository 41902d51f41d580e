// SPDX-License-Identifier: Apache-2.0
// What a pattern's repeats cost when it is compiled, told before: "x{0,1000}" may take a compiler minutes.
#pragma once

#include <cstddef>
#include <string_view>

namespace mailreeve::judge {

struct PatternCost {
  std::size_t largest = 0;   // the highest bound of a repeat: 50 for "{10,50}", 10 for "{10,}"
  std::size_t repeated = 0;  // characters in repeats, multiplied out: 60 for "(a.{0,5}){10}"
};

/// `pattern`: PCRE, right or wrong. Never fails; numbers end at a million.
PatternCost cost_of(std::string_view pattern);

}  // namespace mailreeve::judge
