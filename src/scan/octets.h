// SPDX-License-Identifier: Apache-2.0
// Numbers and runs out of octets that nobody vouches for, little-endian. Behind the end everything is zero and empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailreeve::scan {

class Octets {
 public:
  explicit Octets(std::string_view bytes) : rest_{bytes} {}

  /// `size`: at most 4.
  std::uint32_t number(std::size_t size) {
    const auto octets = take(size);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(octets[i])) << (8 * i);
    return value;
  }
  /// Fewer, if there are fewer.
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) ended_ = true;
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::size_t left() const { return rest_.size(); }
  /// More was asked for than there was.
  bool ended() const { return ended_; }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

}  // namespace mailreeve::scan
