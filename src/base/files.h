// SPDX-License-Identifier: Apache-2.0
// The seam to the file system: everything durable outside SQLite goes through here, so that a test can fail the k-th
// call or cut the power between any two. SQLite's own files go through its VFS, which the same test double provides.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mailreeve {

/// An open file. Closing happens in the destructor; what was not synced may be lost with the power.
class File {
 public:
  virtual ~File() = default;
  /// Appends all of `bytes`. ErrorKind::full for ENOSPC and EDQUOT, else ErrorKind::io.
  virtual Result<void> write(std::string_view bytes) = 0;
  /// Reads up to `size` bytes at `offset` into `out`; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) = 0;
  /// fsync. Never retry a failed one on the same file: the kernel may have dropped the pages (fsyncgate, 2018).
  virtual Result<void> sync() = 0;
};

/// Blocking calls; safe from any thread.
class Files {
 public:
  virtual ~Files() = default;
  /// Creates a file that must not exist yet, mode 0600, open for writing and reading.
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;
  /// A file without a name in `directory`, gone when closed (O_TMPFILE, or create and unlink).
  virtual Result<std::unique_ptr<File>> create_unnamed(const std::string& directory) = 0;
  /// Whole contents; ErrorKind::full when larger than `limit` bytes, ErrorKind::not_found when missing.
  virtual Result<std::string> read_all(const std::string& path, std::size_t limit) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  /// Makes the directory and its parents where missing, mode 0700.
  virtual Result<void> make_directories(const std::string& path) = 0;
  /// fsync of a directory: makes creations and renames in it durable.
  virtual Result<void> sync_directory(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Octets that may still be written on the disk that holds `path`; remembered for a second.
  virtual Result<std::uint64_t> free_bytes(const std::string& path) {
    static_cast<void>(path);
    return ~std::uint64_t{0};
  }
};

/// The operating system's files.
std::unique_ptr<Files> make_system_files();

}  // namespace mailreeve
