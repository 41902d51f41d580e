// SPDX-License-Identifier: Apache-2.0
#include "support/simulated_disk.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <set>

namespace mailreeve::support {

namespace {

constexpr std::uint64_t sector = 512;

std::unexpected<Error> failed(int error, const std::string& what) {
  const auto kind = error == ENOSPC ? ErrorKind::full : error == ENOENT ? ErrorKind::not_found : ErrorKind::io;
  return fail(kind, fmt::format("simulated disk: {}: {}", what, error < 0 ? "the power is off" : std::strerror(error)));
}

std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::Inode> inode)
      : disk_{disk}, inode_{std::move(inode)} {}
  Result<void> write(std::string_view bytes) override {
    if (const int error = disk_.write(*inode_, disk_.size(*inode_), bytes)) return failed(error, "write");
    return {};
  }
  Result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
    std::size_t got = 0;
    if (const int error = disk_.read(*inode_, offset, out, size, got)) return failed(error, "read");
    return got;
  }
  Result<void> sync() override {
    if (const int error = disk_.sync(*inode_)) return failed(error, "sync");
    return {};
  }

 private:
  SimulatedDisk& disk_;
  std::shared_ptr<SimulatedDisk::Inode> inode_;
};

}  // namespace

SimulatedDisk::SimulatedDisk() {
  static std::atomic<int> made = 0;
  vfs_name_ = fmt::format("simulated-{}", made.fetch_add(1));
  vfs_ = register_simulated_vfs(*this, vfs_name_);
}

SimulatedDisk::~SimulatedDisk() { unregister_simulated_vfs(*vfs_); }

std::uint64_t SimulatedDisk::calls() const {
  std::lock_guard lock{mutex_};
  return calls_;
}

std::uint64_t SimulatedDisk::syncs() const {
  std::lock_guard lock{mutex_};
  return syncs_;
}

void SimulatedDisk::reset_calls() {
  std::lock_guard lock{mutex_};
  calls_ = 0;
  syncs_ = 0;
}

void SimulatedDisk::fail_call(std::uint64_t k, int system_error, How how) {
  std::lock_guard lock{mutex_};
  fail_at_ = calls_ + k;
  fail_with_ = system_error;
  fail_how_ = how;
  has_failed_ = false;
}

bool SimulatedDisk::has_failed() const {
  std::lock_guard lock{mutex_};
  return has_failed_;
}

void SimulatedDisk::stop_failing() {
  std::lock_guard lock{mutex_};
  fail_at_ = 0;
}

int SimulatedDisk::step() {
  std::lock_guard lock{mutex_};
  return step_locked();
}

int SimulatedDisk::step_locked() {
  ++calls_;
  if (fail_at_ == 0 || calls_ < fail_at_) return 0;
  if (calls_ > fail_at_ && fail_how_ == How::once) return 0;
  has_failed_ = true;
  return fail_with_;
}

// Each sector written since the last sync survives or not, by itself: so writes are dropped, torn and reordered. A name
// that was not synced survives or not; so does a removal.
void SimulatedDisk::power_cut(std::uint64_t seed) {
  std::lock_guard lock{mutex_};
  std::mt19937_64 random{seed};
  const auto mode = random() % 3;  // all lost, all kept, each for itself
  const auto survives = [&] { return mode == 1 || (mode == 2 && random() % 2 == 0); };
  std::set<std::string> paths;
  for (const auto& [path, inode] : names_) paths.insert(path);
  for (const auto& [path, inode] : durable_) paths.insert(path);
  auto after = durable_;
  for (const auto& path : paths) {
    const auto now = names_.find(path);
    const auto before = durable_.find(path);
    const bool same = now != names_.end() && before != durable_.end() && now->second == before->second;
    if (same || !survives()) continue;
    if (now == names_.end()) {
      after.erase(path);
    } else {
      after[path] = now->second;
    }
  }
  std::map<std::string, std::shared_ptr<Inode>> found;
  for (const auto& [path, inode] : after) {
    auto survivor = std::make_shared<Inode>();
    survivor->durable = inode->durable;
    if (inode->resized && survives()) survivor->durable.resize(inode->bytes.size());
    for (const auto number : inode->unsynced) {
      if (!survives()) continue;
      const auto offset = number * sector;
      const auto bytes = inode->bytes.substr(offset, sector);
      if (survivor->durable.size() < offset + bytes.size()) survivor->durable.resize(offset + bytes.size());
      survivor->durable.replace(offset, bytes.size(), bytes);
    }
    survivor->bytes = survivor->durable;
    found[path] = std::move(survivor);
  }
  names_ = found;
  durable_ = std::move(found);
  fail_at_ = 0;
  has_failed_ = false;
}

int SimulatedDisk::open_inode(const std::string& path, bool may_create, bool exclusive, std::shared_ptr<Inode>& inode) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return error;
  const auto found = names_.find(path);
  if (found != names_.end()) {
    if (exclusive) return EEXIST;
    inode = found->second;
    return 0;
  }
  if (!may_create) return ENOENT;
  inode = std::make_shared<Inode>();
  names_[path] = inode;
  return 0;
}

int SimulatedDisk::read(Inode& inode, std::uint64_t offset, char* out, std::size_t size, std::size_t& got) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return error;
  got = offset < inode.bytes.size() ? std::min<std::size_t>(size, inode.bytes.size() - offset) : 0;
  if (got > 0) std::memcpy(out, inode.bytes.data() + offset, got);
  return 0;
}

int SimulatedDisk::write(Inode& inode, std::uint64_t offset, std::string_view bytes) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return error;
  if (bytes.empty()) return 0;
  if (inode.bytes.size() < offset + bytes.size()) inode.bytes.resize(offset + bytes.size());
  inode.bytes.replace(offset, bytes.size(), bytes);
  for (auto number = offset / sector; number * sector < offset + bytes.size(); ++number) {
    inode.unsynced.insert(number);
  }
  return 0;
}

int SimulatedDisk::truncate(Inode& inode, std::uint64_t size) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return error;
  inode.bytes.resize(size);
  inode.resized = true;
  inode.unsynced.erase(inode.unsynced.lower_bound((size + sector - 1) / sector), inode.unsynced.end());
  return 0;
}

// A failed sync loses what it should have written, as Linux does: the pages count as clean afterwards.
int SimulatedDisk::sync(Inode& inode) {
  std::lock_guard lock{mutex_};
  ++syncs_;
  if (const int error = step_locked()) {
    if (error != dead) {
      inode.unsynced.clear();
      inode.resized = false;
    }
    return error;
  }
  // Only what was written since the last sync is written now: bytes that a failed sync dropped stay lost.
  inode.durable.resize(inode.bytes.size());
  for (const auto number : inode.unsynced) {
    const auto size = std::min(sector, inode.bytes.size() - number * sector);
    inode.durable.replace(number * sector, size, inode.bytes, number * sector, size);
  }
  inode.unsynced.clear();
  inode.resized = false;
  return 0;
}

int SimulatedDisk::unlink(const std::string& path, bool sync_directory) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return error;
  if (names_.erase(path) == 0) return ENOENT;
  if (!sync_directory) return 0;
  if (const int error = step_locked()) return error;
  durable_.erase(path);
  return 0;
}

bool SimulatedDisk::exists(const std::string& path) {
  std::lock_guard lock{mutex_};
  return names_.contains(path);
}

std::uint64_t SimulatedDisk::size(Inode& inode) {
  std::lock_guard lock{mutex_};
  return inode.bytes.size();
}

Result<std::unique_ptr<File>> SimulatedDisk::create(const std::string& path) {
  std::shared_ptr<Inode> inode;
  if (const int error = open_inode(path, true, true, inode)) return failed(error, "create " + path);
  return std::make_unique<SimulatedFile>(*this, std::move(inode));
}

Result<std::unique_ptr<File>> SimulatedDisk::create_unnamed(const std::string& directory) {
  if (const int error = step()) return failed(error, "create in " + directory);
  return std::make_unique<SimulatedFile>(*this, std::make_shared<Inode>());
}

Result<std::string> SimulatedDisk::read_all(const std::string& path, std::size_t limit) {
  std::shared_ptr<Inode> inode;
  if (const int error = open_inode(path, false, false, inode)) return failed(error, "open " + path);
  std::string bytes(size(*inode), '\0');
  if (bytes.size() > limit) return fail(ErrorKind::full, path + " is larger than allowed");
  std::size_t got = 0;
  if (const int error = read(*inode, 0, bytes.data(), bytes.size(), got)) return failed(error, "read " + path);
  bytes.resize(got);
  return bytes;
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return failed(error, "rename " + from);
  const auto found = names_.find(from);
  if (found == names_.end()) return failed(ENOENT, "rename " + from);
  auto inode = found->second;
  names_.erase(found);
  names_[to] = std::move(inode);
  return {};
}

Result<void> SimulatedDisk::remove(const std::string& path) {
  if (const int error = unlink(path, false)) return failed(error, "remove " + path);
  return {};
}

Result<void> SimulatedDisk::make_directories(const std::string& path) {
  if (const int error = step()) return failed(error, "mkdir " + path);
  return {};
}

Result<void> SimulatedDisk::sync_directory(const std::string& path) {
  std::lock_guard lock{mutex_};
  ++syncs_;
  if (const int error = step_locked()) return failed(error, "sync " + path);
  std::erase_if(durable_,
                [&](const auto& entry) { return parent(entry.first) == path && !names_.contains(entry.first); });
  for (const auto& [name, inode] : names_) {
    if (parent(name) == path) durable_[name] = inode;
  }
  return {};
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& directory) {
  std::lock_guard lock{mutex_};
  if (const int error = step_locked()) return failed(error, "list " + directory);
  std::vector<std::string> found;
  for (const auto& [name, inode] : names_) {
    if (parent(name) == directory) found.push_back(name.substr(directory.size() + 1));
  }
  return found;
}

}  // namespace mailreeve::support
