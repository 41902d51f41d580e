// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <vector>

#include "store/history.h"

namespace mailreeve::support {

/// Keeps what is posted, for tests to look at.
class MemoryHistory : public store::History {
 public:
  void post(store::HistoryRecord record) override {
    if (record.make_detail) record.detail = record.make_detail();
    std::lock_guard lock{mutex_};
    records_.push_back(std::move(record));
  }
  void post(store::Delivery delivery) override {
    std::lock_guard lock{mutex_};
    deliveries_.push_back(std::move(delivery));
  }
  Task<Result<std::vector<store::HistoryRecord>>> search(store::HistoryFilter) override { co_return records(); }
  Task<Result<std::optional<store::HistoryRecord>>> show(std::string) override {
    co_return std::optional<store::HistoryRecord>{};
  }
  Task<Result<std::vector<store::Delivery>>> deliveries(MessageId id) override {
    std::vector<store::Delivery> found;
    for (auto& delivery : deliveries()) {
      if (delivery.message == id) found.push_back(std::move(delivery));
    }
    co_return found;
  }
  Task<Result<std::vector<MessageId>>> ids(MessageId id) override { co_return std::vector<MessageId>{id}; }
  Task<Result<std::vector<store::Tally>>> verdicts(WallTime, std::chrono::seconds) override {
    co_return std::vector<store::Tally>{};
  }
  Task<Result<std::map<std::string, std::uint64_t>>> findings(WallTime) override {
    co_return std::map<std::string, std::uint64_t>{};
  }
  Task<Result<std::uint64_t>> expire(WallTime) override { co_return std::uint64_t{0}; }
  Task<void> flush() override { co_return; }
  std::vector<store::HistoryRecord> records() const {
    std::lock_guard lock{mutex_};
    return records_;
  }
  std::vector<store::Delivery> deliveries() const {
    std::lock_guard lock{mutex_};
    return deliveries_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<store::HistoryRecord> records_;
  std::vector<store::Delivery> deliveries_;
};

}  // namespace mailreeve::support
