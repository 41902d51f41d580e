// SPDX-License-Identifier: Apache-2.0
// The last lines of the log, kept in memory so that people can be shown what it said of one message.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace mailreeve {

/// Safe from any thread. Lines are kept as they were written, in blocks; the oldest block goes when there are too many.
class LogTail {
 public:
  static constexpr std::size_t block_size = 64U << 10;

  /// `octets`: how much is kept at most, rounded to blocks. `now`: from when on everything is there.
  explicit LogTail(std::size_t octets, WallTime now);
  /// `line` ends with its newline. One that is longer than a block is left out.
  void append(std::string_view line, WallTime now);
  /// Since when every line is still here.
  WallTime since() const;
  /// The last `limit` lines that hold one of `words`, oldest first, without newlines.
  std::vector<std::string> lines_with(const std::vector<std::string>& words, std::size_t limit) const;

 private:
  struct Block {
    explicit Block(WallTime first) : since{first} { text.reserve(block_size); }
    std::string text;  // never grows beyond what was reserved: readers look at what was there when they came
    WallTime since;
  };
  struct View {
    std::shared_ptr<const Block> block;
    std::string_view text;
  };

  std::size_t limit_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Block>> blocks_;
};

}  // namespace mailreeve
