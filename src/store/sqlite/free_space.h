// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace mailreeve::store::sqlite {

/// Whether a file system has room, asked at most once a second. Safe from any thread.
class FreeSpace {
 public:
  /// `least` in bytes; 0: always enough.
  FreeSpace(const std::string& file, std::uint64_t least);
  bool enough();
  std::uint64_t least() const { return least_; }

 private:
  std::string folder_;
  std::uint64_t least_;
  std::atomic<std::int64_t> asked_ = -1;  // second of the steady clock
  std::atomic<bool> enough_ = true;
};

}  // namespace mailreeve::store::sqlite
