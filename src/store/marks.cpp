// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "store/memory_marks.h"

namespace mailreeve::store {

MemoryMarks::Shard& MemoryMarks::shard_of(const std::string& key) {
  return shards_[std::hash<std::string>{}(key) % shards_.size()];
}

Task<std::optional<Mark>> MemoryMarks::find(std::string key, WallTime now) {
  auto& shard = shard_of(key);
  std::lock_guard lock{shard.mutex};
  const auto found = shard.marks.find(key);
  if (found == shard.marks.end() || found->second.expires <= now) co_return std::nullopt;
  co_return found->second;
}

Task<Mark> MemoryMarks::add(std::string key, std::int64_t amount, WallTime now, std::chrono::seconds lifetime,
                            bool prolong) {
  auto& shard = shard_of(key);
  std::lock_guard lock{shard.mutex};
  if (!shard.marks.contains(key)) make_room(shard, now);
  auto& mark = shard.marks[key];
  if (mark.expires <= now) mark = Mark{0, now, now + lifetime, {}};
  if (prolong) mark.expires = now + lifetime;
  mark.value += amount;
  note(shard, key);
  co_return mark;
}

Task<void> MemoryMarks::put(std::string key, Mark mark) {
  keep(key, std::move(mark), true);
  co_return;
}

void MemoryMarks::keep(const std::string& key, Mark mark, bool changed) {
  auto& shard = shard_of(key);
  std::lock_guard lock{shard.mutex};
  if (!shard.marks.contains(key)) make_room(shard, mark.first);
  shard.marks[key] = std::move(mark);
  if (changed) note(shard, key);
}

Task<void> MemoryMarks::erase(std::string key) {
  auto& shard = shard_of(key);
  std::lock_guard lock{shard.mutex};
  if (shard.marks.erase(key) > 0) note(shard, key);
  co_return;
}

// What has expired goes first, then the quarter that would expire next: losing a mark costs a sender one more wait,
// never mail.
void MemoryMarks::make_room(Shard& shard, WallTime now) {
  if (shard.marks.size() < limit_ / shards_.size()) return;
  const auto drop_until = [&](WallTime end) {
    for (auto entry = shard.marks.begin(); entry != shard.marks.end();) {
      if (entry->second.expires > end) {
        ++entry;
        continue;
      }
      note(shard, entry->first);
      entry = shard.marks.erase(entry);
    }
  };
  drop_until(now);
  const auto keep = limit_ / shards_.size() * 3 / 4;
  if (shard.marks.size() <= keep) return;
  std::vector<WallTime> ends;
  ends.reserve(shard.marks.size());
  for (const auto& [key, mark] : shard.marks) ends.push_back(mark.expires);
  const auto last = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() - keep - 1);
  std::ranges::nth_element(ends, last);
  drop_until(*last);
}

std::vector<std::pair<std::string, std::optional<Mark>>> MemoryMarks::take_changes() {
  std::vector<std::pair<std::string, std::optional<Mark>>> changes;
  for (auto& shard : shards_) {
    std::lock_guard lock{shard.mutex};
    for (const auto& key : shard.changed) {
      const auto found = shard.marks.find(key);
      changes.emplace_back(key, found == shard.marks.end() ? std::nullopt : std::optional{found->second});
    }
    shard.changed.clear();
  }
  return changes;
}

std::unique_ptr<Marks> make_memory_marks(std::size_t limit) { return std::make_unique<MemoryMarks>(limit, false); }

}  // namespace mailreeve::store
