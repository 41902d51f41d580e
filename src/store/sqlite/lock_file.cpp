// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mailreeve::store::sqlite {

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

LockFile::LockFile(LockFile&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

Result<LockFile> LockFile::take(const std::string& path) {
  LockFile lock;
  lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock.descriptor_ < 0) {
    return fail(ErrorKind::io,
                fmt::format("cannot open {}: {}. The folder must exist and be writable by Mailreeve's user", path,
                            std::strerror(errno)));
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const auto size = ::pread(lock.descriptor_, holder.data(), holder.size() - 1, 0);
    std::string pid{holder.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return fail(ErrorKind::busy, fmt::format("process {} holds {}. Stop it first; two must never share a queue",
                                             pid.empty() ? "(unknown)" : pid, path));
  }
  // For people only; that it cannot be written (a full disk) must not keep mail from being delivered.
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.descriptor_, 0) == 0) std::ignore = ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0);
  return lock;
}

}  // namespace mailreeve::store::sqlite
