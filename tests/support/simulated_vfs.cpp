// SPDX-License-Identifier: Apache-2.0
// SQLite's view of the simulated disk. Locks and shared memory are those of one process, and cost no disk call.
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

#include "support/simulated_disk.h"

namespace mailreeve::support {

namespace {

thread_local int last_errno = 0;

struct OpenFile : sqlite3_file {
  SimulatedDisk* disk;
  std::shared_ptr<SimulatedDisk::Inode> inode;
  std::string directory;
  bool directory_unsynced;  // a new journal: its first sync syncs the name too, as SQLite's own VFS does
  bool has_shared_memory;
  std::uint16_t shared_locks;
  std::uint16_t exclusive_locks;
};

OpenFile& file_of(sqlite3_file* file) { return *static_cast<OpenFile*>(file); }

int failure(int error, int code) {
  last_errno = error > 0 ? error : EIO;
  return error == ENOSPC && code == SQLITE_IOERR_WRITE ? SQLITE_FULL : code;
}

int x_close(sqlite3_file* file) {
  auto& open = file_of(file);
  {
    std::lock_guard lock{open.disk->mutex()};
    open.inode->state.locks.erase(file);
  }
  open.inode.~shared_ptr();
  open.directory.~basic_string();
  return SQLITE_OK;
}

int x_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  std::size_t got = 0;
  const auto wanted = static_cast<std::size_t>(size);
  auto& open = file_of(file);
  const int error =
      open.disk->read(*open.inode, static_cast<std::uint64_t>(offset), static_cast<char*>(out), wanted, got);
  if (error != 0) return failure(error, SQLITE_IOERR_READ);
  if (got == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + got, 0, wanted - got);
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  auto& open = file_of(file);
  const std::string_view bytes{static_cast<const char*>(data), static_cast<std::size_t>(size)};
  const int error = open.disk->write(*open.inode, static_cast<std::uint64_t>(offset), bytes);
  return error == 0 ? SQLITE_OK : failure(error, SQLITE_IOERR_WRITE);
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto& open = file_of(file);
  const int error = open.disk->truncate(*open.inode, static_cast<std::uint64_t>(size));
  return error == 0 ? SQLITE_OK : failure(error, SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) {
  auto& open = file_of(file);
  if (const int error = open.disk->sync(*open.inode)) return failure(error, SQLITE_IOERR_FSYNC);
  if (!open.directory_unsynced) return SQLITE_OK;
  if (!open.disk->sync_directory(open.directory)) return failure(EIO, SQLITE_IOERR_DIR_FSYNC);
  open.directory_unsynced = false;
  return SQLITE_OK;
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(file).disk->size(*file_of(file).inode));
  return SQLITE_OK;
}

int x_lock(sqlite3_file* file, int level) {
  auto& open = file_of(file);
  std::lock_guard lock{open.disk->mutex()};
  auto& locks = open.inode->state.locks;
  for (const auto& [holder, held] : locks) {
    if (holder == file) continue;
    const bool clash = level == SQLITE_LOCK_SHARED     ? held >= SQLITE_LOCK_PENDING
                       : level == SQLITE_LOCK_RESERVED ? held >= SQLITE_LOCK_RESERVED
                                                       : held >= SQLITE_LOCK_SHARED;
    if (clash) return SQLITE_BUSY;
  }
  locks[file] = std::max(locks[file], level);
  return SQLITE_OK;
}

int x_unlock(sqlite3_file* file, int level) {
  auto& open = file_of(file);
  std::lock_guard lock{open.disk->mutex()};
  auto& locks = open.inode->state.locks;
  if (level == SQLITE_LOCK_NONE) {
    locks.erase(file);
  } else {
    locks[file] = level;
  }
  return SQLITE_OK;
}

int x_check_reserved(sqlite3_file* file, int* result) {
  auto& open = file_of(file);
  std::lock_guard lock{open.disk->mutex()};
  const auto& locks = open.inode->state.locks;
  *result = std::ranges::any_of(locks, [](const auto& held) { return held.second >= SQLITE_LOCK_RESERVED; }) ? 1 : 0;
  return SQLITE_OK;
}

int x_file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int x_sector_size(sqlite3_file*) { return 512; }
int x_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int x_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& open = file_of(file);
  std::lock_guard lock{open.disk->mutex()};
  auto& state = open.inode->state;
  if (!open.has_shared_memory) {
    open.has_shared_memory = true;
    ++state.users;
  }
  const auto index = static_cast<std::size_t>(region);
  *out = nullptr;
  if (index >= state.regions.size() && extend == 0) return SQLITE_OK;
  while (index >= state.regions.size()) {
    state.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = state.regions[index].get();
  return SQLITE_OK;
}

int x_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  auto& open = file_of(file);
  std::lock_guard lock{open.disk->mutex()};
  auto& state = open.inode->state;
  const auto bit = [](int slot) { return static_cast<std::uint16_t>(1U << static_cast<unsigned>(slot)); };
  for (int i = offset; i < offset + count && (flags & SQLITE_SHM_LOCK) != 0; ++i) {
    if (state.exclusive[i] != nullptr && state.exclusive[i] != file) return SQLITE_BUSY;
    const int others = state.shared[i] - ((open.shared_locks & bit(i)) != 0 ? 1 : 0);
    if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && others > 0) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) {
    const bool had_shared = (open.shared_locks & bit(i)) != 0;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      if (had_shared) --state.shared[i];
      if (state.exclusive[i] == file) state.exclusive[i] = nullptr;
      open.shared_locks = static_cast<std::uint16_t>(open.shared_locks & ~bit(i));
    } else if ((flags & SQLITE_SHM_SHARED) != 0) {
      if (!had_shared) ++state.shared[i];
      open.shared_locks = static_cast<std::uint16_t>(open.shared_locks | bit(i));
    } else {
      state.exclusive[i] = file;
    }
  }
  return SQLITE_OK;
}

void x_shm_barrier(sqlite3_file* file) { std::lock_guard lock{file_of(file).disk->mutex()}; }

int x_shm_unmap(sqlite3_file* file, int) {
  auto& open = file_of(file);
  x_shm_lock(file, 0, 8, SQLITE_SHM_UNLOCK);
  std::lock_guard lock{open.disk->mutex()};
  if (!open.has_shared_memory) return SQLITE_OK;
  open.has_shared_memory = false;
  if (--open.inode->state.users == 0) open.inode->state.regions.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods methods{2,
                                 x_close,
                                 x_read,
                                 x_write,
                                 x_truncate,
                                 x_sync,
                                 x_file_size,
                                 x_lock,
                                 x_unlock,
                                 x_check_reserved,
                                 x_file_control,
                                 x_sector_size,
                                 x_characteristics,
                                 x_shm_map,
                                 x_shm_lock,
                                 x_shm_barrier,
                                 x_shm_unmap,
                                 nullptr,
                                 nullptr};

SimulatedDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<SimulatedDisk*>(vfs->pAppData); }

int x_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  auto& disk = disk_of(vfs);
  std::shared_ptr<SimulatedDisk::Inode> inode;
  const std::string path = name != nullptr ? name : "";
  const bool is_new = name != nullptr && !disk.exists(path);
  if (name == nullptr) {
    inode = std::make_shared<SimulatedDisk::Inode>();
  } else if (const int error = disk.open_inode(path, (flags & SQLITE_OPEN_CREATE) != 0, false, inode)) {
    return failure(error, SQLITE_CANTOPEN);
  }
  auto* open = new (file) OpenFile{};
  open->disk = &disk;
  open->inode = std::move(inode);
  open->directory = path.substr(0, path.rfind('/'));
  open->directory_unsynced = is_new && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  open->pMethods = &methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  const int error = disk_of(vfs).unlink(name, sync_directory != 0);
  if (error == ENOENT) return SQLITE_IOERR_DELETE_NOENT;
  return error == 0 ? SQLITE_OK : failure(error, SQLITE_IOERR_DELETE);
}

int x_access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  *result = disk_of(vfs).exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int x_full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs*, int size, char* out) {
  static std::uint32_t state = 1;
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
  return size;
}

int x_sleep(sqlite3_vfs*, int microseconds) { return sqlite3_vfs_find("unix")->xSleep(nullptr, microseconds); }

int x_current_time(sqlite3_vfs*, double* julian_days) {
  *julian_days = 2460000.5;
  return SQLITE_OK;
}

int x_last_error(sqlite3_vfs*, int, char*) { return last_errno; }

}  // namespace

std::unique_ptr<sqlite3_vfs> register_simulated_vfs(SimulatedDisk& disk, const std::string& name) {
  auto vfs = std::make_unique<sqlite3_vfs>();
  *vfs = {};
  vfs->iVersion = 1;
  vfs->szOsFile = sizeof(OpenFile);
  vfs->mxPathname = 512;
  vfs->zName = name.c_str();
  vfs->pAppData = &disk;
  vfs->xOpen = x_open;
  vfs->xDelete = x_delete;
  vfs->xAccess = x_access;
  vfs->xFullPathname = x_full_path;
  vfs->xRandomness = x_randomness;
  vfs->xSleep = x_sleep;
  vfs->xCurrentTime = x_current_time;
  vfs->xGetLastError = x_last_error;
  sqlite3_vfs_register(vfs.get(), 0);
  return vfs;
}

void unregister_simulated_vfs(sqlite3_vfs& vfs) { sqlite3_vfs_unregister(&vfs); }

}  // namespace mailreeve::support
