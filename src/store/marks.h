// SPDX-License-Identifier: Apache-2.0
// Short facts with an end, by key: triplets seen, addresses blocked, what a look-up answered. Kept across restarts.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/task.h"

namespace mailreeve::store {

struct Mark {
  std::int64_t value = 0;
  WallTime first;    // when it was made
  WallTime expires;  // gone from then on
  std::string text;  // at most 256 octets
};

/// Keys are at most 1,024 octets, "kind:...". Answers come from memory; changes reach the disk within seconds
/// (synchronous=NORMAL: a crash may lose the last ones, which costs a sender one more wait, never mail).
/// At most a set number of marks: the next to expire go first. Safe from any loop.
class Marks {
 public:
  virtual ~Marks() = default;
  virtual Task<std::optional<Mark>> find(std::string key, WallTime now) = 0;
  /// Adds to the value, makes the mark where there is none; answers it as it is then. `expires` is now + lifetime for a
  /// new mark, and for an old one where `prolong`.
  virtual Task<Mark> add(std::string key, std::int64_t amount, WallTime now, std::chrono::seconds lifetime,
                         bool prolong = false) = 0;
  virtual Task<void> put(std::string key, Mark mark) = 0;
  virtual Task<void> erase(std::string key) = 0;
};

/// Lives in memory alone: tests, offline commands.
std::unique_ptr<Marks> make_memory_marks(std::size_t limit = 1'000'000);

}  // namespace mailreeve::store
