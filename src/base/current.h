// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

namespace mailreeve {

/// The present version of something that a reload replaces as a whole. Readers keep the version they took.
template <class T>
class Current {
 public:
  explicit Current(std::shared_ptr<const T> value) : value_{std::move(value)} {}
  std::shared_ptr<const T> get() const {
    std::lock_guard lock{mutex_};
    return value_;
  }
  void set(std::shared_ptr<const T> value) {
    std::lock_guard lock{mutex_};
    value_.swap(value);  // the old one is freed outside the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace mailreeve
