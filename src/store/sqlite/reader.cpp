// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/reader.h"

#include "store/sqlite/schema.h"

namespace mailreeve::store::sqlite {

ReaderPool::Lease ReaderPool::borrow() {
  std::unique_ptr<Database> database;
  {
    std::lock_guard lock{mutex_};
    if (!free_.empty()) {
      database = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (!database) {
    database = std::make_unique<Database>(path_, vfs_, Database::Access::read);
    std::ignore = prepare_reader(*database);
  }
  return {*this, std::move(database)};
}

// A connection that failed is closed rather than lent again.
ReaderPool::Lease::~Lease() {
  if (database_->failed()) return;
  std::lock_guard lock{pool_.mutex_};
  pool_.free_.push_back(std::move(database_));
}

ReaderThread::~ReaderThread() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> ReaderThread::open() {
  auto prepared = prepare_reader(database_);
  if (prepared) thread_ = std::thread{[this] { loop(); }};
  return prepared;
}

void ReaderThread::enqueue(std::function<void()> read) {
  {
    std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(read));
  }
  wake_.notify_one();
}

void ReaderThread::loop() {
  for (;;) {
    std::function<void()> read;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
      if (waiting_.empty()) return;
      read = std::move(waiting_.front());
      waiting_.pop_front();
    }
    read();
  }
}

}  // namespace mailreeve::store::sqlite
