// SPDX-License-Identifier: Apache-2.0
// A disk in memory that forgets, tears and fails as real ones do, from a seed.
//
// What was written but not synced is volatile: a power cut keeps each 512-octet sector of it or not. A name is volatile
// until its directory is synced. Every call that a disk sees (open, read, write, sync, truncate, rename, remove) is
// counted, and the k-th can be made to fail, once or from then on. SQLite reaches the same disk as a VFS.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"

struct sqlite3_vfs;

namespace mailreeve::support {

/// SQLite's locks and shared memory of one file: they die with the machine.
struct SharedState {
  std::map<const void*, int> locks;  // who holds which level on the main file
  std::vector<std::unique_ptr<char[]>> regions;
  int shared[8] = {};
  const void* exclusive[8] = {};
  int users = 0;
};

class SimulatedDisk final : public Files {
 public:
  enum class How { once, forever };

  SimulatedDisk();
  ~SimulatedDisk() override;
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  /// What to give to sqlite3_open_v2; valid as long as this disk.
  const std::string& vfs_name() const { return vfs_name_; }

  /// Calls seen since the last `reset_calls`.
  std::uint64_t calls() const;
  void reset_calls();
  /// The k-th call from now on (the first is 1) fails with `system_error`: EIO, ENOSPC.
  void fail_call(std::uint64_t k, int system_error, How how);
  /// From the k-th call on the machine is dead: nothing reaches the disk, every call fails.
  void cut_at_call(std::uint64_t k) { fail_call(k, dead, How::forever); }
  /// True once a failure asked for has happened.
  bool has_failed() const;
  void stop_failing();

  /// What a machine finds that starts after the power went now. Everything open must be closed before.
  void power_cut(std::uint64_t seed);
  /// Syncs since the last `reset_calls`.
  std::uint64_t syncs() const;

  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> create_unnamed(const std::string& directory) override;
  Result<std::string> read_all(const std::string& path, std::size_t limit) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_directories(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;

  /// One file's bytes; shared by its name and everybody who has it open. Used by the VFS.
  struct Inode;
  /// 0, or the errno this call fails with. Every call below takes the lock itself.
  int step();
  int open_inode(const std::string& path, bool may_create, bool exclusive, std::shared_ptr<Inode>& inode);
  int read(Inode& inode, std::uint64_t offset, char* out, std::size_t size, std::size_t& got);
  int write(Inode& inode, std::uint64_t offset, std::string_view bytes);
  int truncate(Inode& inode, std::uint64_t size);
  int sync(Inode& inode);
  int unlink(const std::string& path, bool sync_directory);
  bool exists(const std::string& path);
  std::uint64_t size(Inode& inode);
  std::mutex& mutex() { return mutex_; }

 private:
  static constexpr int dead = -1;
  int step_locked();

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Inode>> names_;    // as running programs see them
  std::map<std::string, std::shared_ptr<Inode>> durable_;  // as a machine finds them after a cut
  std::uint64_t calls_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t fail_at_ = 0;
  int fail_with_ = 0;
  How fail_how_ = How::once;
  bool has_failed_ = false;
  std::string vfs_name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

/// The VFS over `disk`, and its inode's locks and shared memory (simulated_vfs.cpp).
std::unique_ptr<sqlite3_vfs> register_simulated_vfs(SimulatedDisk& disk, const std::string& name);
void unregister_simulated_vfs(sqlite3_vfs& vfs);

struct SimulatedDisk::Inode {
  std::string bytes;                 // as running programs see it
  std::string durable;               // as of the last sync
  std::set<std::uint64_t> unsynced;  // sectors written since then
  bool resized = false;
  SharedState state;
};

}  // namespace mailreeve::support
