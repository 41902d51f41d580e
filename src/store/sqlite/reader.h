// SPDX-License-Identifier: Apache-2.0
// Read-only connections: a pool for short reads on the caller's thread, and a thread of its own for long ones.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/task.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

/// Lends connections; as many are open as were ever in use at once.
class ReaderPool {
 public:
  ReaderPool(std::string path, std::string vfs) : path_{std::move(path)}, vfs_{std::move(vfs)} {}

  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Database> database) : pool_{pool}, database_{std::move(database)} {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Database& operator*() const { return *database_; }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Database> database_;
  };
  Lease borrow();

 private:
  std::string path_;
  std::string vfs_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> free_;
};

/// Runs reads one after the other on a thread of its own.
class ReaderThread {
 public:
  ReaderThread(const std::string& path, const std::string& vfs) : database_{path, vfs, Database::Access::read} {}
  ~ReaderThread();
  /// Opens the file for good; the connection stays until the end.
  Result<void> open();

  template <class T, class Work>
  Task<Result<T>> submit(Work work) {
    return wait_for<Result<T>>([this, work = std::move(work)](Done<Result<T>> done) mutable {
      enqueue([this, work = std::move(work), done = std::move(done)] { answer<T>(work, done); });
    });
  }

 private:
  template <class T, class Work>
  void answer(const Work& work, const Done<Result<T>>& done) {
    database_.clear_error();
    database_.execute("BEGIN");
    Result<T> value = work(database_);
    database_.execute("COMMIT");
    auto status = database_.status();
    database_.clear_error();
    if (!database_.idle()) database_.execute("ROLLBACK");
    done(status ? std::move(value) : Result<T>{std::unexpected(std::move(status.error()))});
  }
  void enqueue(std::function<void()> read);
  void loop();

  Database database_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mailreeve::store::sqlite
