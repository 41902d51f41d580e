// SPDX-License-Identifier: Apache-2.0
// Marks in memory, and which of them changed: what a durable kind of them is made of.
#pragma once

#include <array>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/marks.h"

namespace mailreeve::store {

class MemoryMarks : public Marks {
 public:
  /// `tracks`: what changes is remembered for take_changes.
  MemoryMarks(std::size_t limit, bool tracks) : limit_{limit}, tracks_{tracks} {}
  Task<std::optional<Mark>> find(std::string key, WallTime now) override;
  Task<Mark> add(std::string key, std::int64_t amount, WallTime now, std::chrono::seconds lifetime,
                 bool prolong) override;
  Task<void> put(std::string key, Mark mark) override;
  Task<void> erase(std::string key) override;

 protected:
  /// `changed`: to be written.
  void keep(const std::string& key, Mark mark, bool changed);
  /// What changed since the last call; nothing for marks that are gone.
  std::vector<std::pair<std::string, std::optional<Mark>>> take_changes();

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Mark> marks;
    std::unordered_set<std::string> changed;
  };
  Shard& shard_of(const std::string& key);
  void make_room(Shard& shard, WallTime now);

  void note(Shard& shard, const std::string& key) {
    if (tracks_) shard.changed.insert(key);
  }

  std::size_t limit_;
  bool tracks_;
  std::array<Shard, 16> shards_;
};

}  // namespace mailreeve::store
