// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

namespace mailreeve::store::sqlite {

/// Keeps a second process out for as long as it lives. The kernel lets go of it when we die, however we die.
class LockFile {
 public:
  LockFile() = default;
  ~LockFile();
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;
  /// ErrorKind::busy, with the process that holds it.
  static Result<LockFile> take(const std::string& path);

 private:
  int descriptor_ = -1;
};

}  // namespace mailreeve::store::sqlite
