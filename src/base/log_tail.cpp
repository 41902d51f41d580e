// SPDX-License-Identifier: Apache-2.0
#include "base/log_tail.h"

#include <algorithm>

namespace mailreeve {

LogTail::LogTail(std::size_t octets, WallTime now) : limit_{std::max<std::size_t>(octets / block_size, 2)} {
  blocks_.push_back(std::make_shared<Block>(now));
}

void LogTail::append(std::string_view line, WallTime now) {
  if (line.size() > block_size) return;
  std::lock_guard lock{mutex_};
  if (blocks_.back()->text.size() + line.size() > block_size) {
    blocks_.push_back(std::make_shared<Block>(now));
    if (blocks_.size() > limit_) blocks_.pop_front();
  }
  blocks_.back()->text += line;
}

WallTime LogTail::since() const {
  std::lock_guard lock{mutex_};
  return blocks_.front()->since;
}

std::vector<std::string> LogTail::lines_with(const std::vector<std::string>& words, std::size_t limit) const {
  std::vector<View> views;
  {
    std::lock_guard lock{mutex_};
    for (const auto& block : blocks_) views.push_back({block, block->text});
  }
  std::vector<std::string> found;
  for (const auto& view : views) {
    std::vector<std::pair<std::size_t, std::size_t>> lines;  // where each begins, and its length
    for (const auto& word : words) {
      if (word.empty()) continue;
      for (auto at = view.text.find(word); at != std::string_view::npos;) {
        const auto before = view.text.rfind('\n', at);
        const auto begin = before == std::string_view::npos ? 0 : before + 1;
        const auto end = std::min(view.text.find('\n', at), view.text.size());
        lines.emplace_back(begin, end - begin);
        at = view.text.find(word, end);
      }
    }
    std::ranges::sort(lines);
    const auto same = std::ranges::unique(lines);
    lines.erase(same.begin(), same.end());
    for (const auto& [begin, size] : lines) found.emplace_back(view.text.substr(begin, size));
  }
  if (found.size() > limit) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(limit));
  return found;
}

}  // namespace mailreeve
