// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/free_space.h"

#include <sys/statvfs.h>

#include <chrono>
#include <filesystem>

namespace mailreeve::store::sqlite {

FreeSpace::FreeSpace(const std::string& file, std::uint64_t least)
    : folder_{std::filesystem::path{file}.parent_path().string()}, least_{least} {
  if (folder_.empty()) folder_ = ".";
}

bool FreeSpace::enough() {
  if (least_ == 0) return true;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch());
  if (asked_.exchange(now.count()) != now.count()) {
    struct statvfs answer{};
    // A file system that does not answer will say more when it is written to.
    const bool asked = ::statvfs(folder_.c_str(), &answer) == 0;
    enough_ = !asked || answer.f_bavail * answer.f_frsize >= least_;
  }
  return enough_;
}

}  // namespace mailreeve::store::sqlite
