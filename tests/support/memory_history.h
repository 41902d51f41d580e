// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <vector>

#include "store/history.h"

namespace mailreeve::support {

/// Keeps what is posted, for tests to look at.
class MemoryHistory final : public store::History {
 public:
  void post(store::HistoryRecord record) override {
    if (record.make_detail) record.detail = record.make_detail();
    std::lock_guard lock{mutex_};
    records_.push_back(std::move(record));
  }
  Task<Result<std::vector<store::HistoryRecord>>> search(store::HistoryFilter) override { co_return records(); }
  Task<Result<std::optional<store::HistoryRecord>>> show(std::string) override {
    co_return std::optional<store::HistoryRecord>{};
  }
  Task<Result<std::uint64_t>> expire(WallTime) override { co_return std::uint64_t{0}; }
  Task<void> flush() override { co_return; }
  std::vector<store::HistoryRecord> records() const {
    std::lock_guard lock{mutex_};
    return records_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<store::HistoryRecord> records_;
};

}  // namespace mailreeve::support
