// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/group_writer.h"

#include <fmt/format.h>

#include <chrono>

namespace mailreeve::store::sqlite {

namespace {

using namespace std::chrono_literals;

constexpr int page_bytes = 8192;
constexpr int checkpoint_pages = (16 << 20) / page_bytes;
constexpr int reset_pages = (128 << 20) / page_bytes;  // a reader kept the log from being reused: wait for it
constexpr std::size_t group_bytes = std::size_t{2} << 20;
constexpr auto patience = 2ms;        // how long a request that may wait does
constexpr auto gathering = 2ms;       // how long many that came together wait for others
constexpr std::size_t many = 12;      // requests at once; fewer are not kept waiting
constexpr auto idle_checkpoint = 1s;  // after this long without work the log is emptied

int remember_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

WriterMeters::WriterMeters(Metrics& metrics)
    : commit_seconds{metrics.histogram("mailreeve_store_commit_seconds", "Time a group commit took, sync included.",
                                       {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30})},
      group_size{metrics.histogram("mailreeve_store_group_size", "Requests that shared one commit.",
                                   {1, 2, 4, 8, 16, 32, 64, 128, 256})},
      errors{metrics.counter("mailreeve_store_errors_total", "Store operations that failed: writes, syncs, damage.")} {}

GroupWriter::GroupWriter(WriterOptions options, Logger& log, WriterMeters& meters)
    : options_{std::move(options)}, log_{log}, meters_{meters} {}

GroupWriter::~GroupWriter() = default;

void GroupWriter::finish() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> GroupWriter::connect() {
  let_go();
  database_ = std::make_unique<Database>(options_.path, options_.vfs, Database::Access::write);
  auto prepared = prepare(*database_);
  if (!prepared) return prepared;
  sqlite3_wal_hook(database_->handle(), remember_wal_pages, &wal_pages_);
  return {};
}

Result<void> GroupWriter::open() {
  auto connected = connect();
  if (!connected) return connected;
  // What recovery found in the log may not be on the disk yet; from here on it is.
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  database_->execute("BEGIN IMMEDIATE");
  at_open();
  auto committed = commit();
  if (!committed) return committed;
  after_commit();
  return database_->status();
}

void GroupWriter::start() {
  thread_ = std::thread{[this] { loop(); }};
}

void GroupWriter::enqueue(std::unique_ptr<Request> request) {
  bool wake = false;
  {
    std::lock_guard lock{mutex_};
    if (request->urgency == Urgency::now) ++urgent_;
    waiting_.push_back(std::move(request));
    wake = idle_ && (urgent_ > 0 || waiting_.size() == 1 || waiting_.size() >= options_.group_limit);
  }
  if (wake) wake_.notify_one();
}

// Empty: nothing came for a while (time for a checkpoint), or it is time to stop.
GroupWriter::Group GroupWriter::take() {
  std::unique_lock lock{mutex_};
  idle_ = true;
  wake_.wait_for(lock, wal_pages_ > 0 ? idle_checkpoint : 1h, [&] { return !waiting_.empty() || stopping_; });
  if (!waiting_.empty()) {
    wake_.wait_for(lock, patience, [&] { return urgent_ > 0 || waiting_.size() >= options_.group_limit || stopping_; });
  }
  idle_ = false;
  // Where many came together, more are on their way, and a sync for all of them costs what it costs for one.
  if (last_group_ >= many && waiting_.size() < options_.group_limit && !stopping_) {
    lock.unlock();
    std::this_thread::sleep_for(gathering);
    lock.lock();
  }
  Group group;
  std::size_t bytes = 0;
  while (!waiting_.empty() && group.size() < options_.group_limit && bytes < group_bytes) {
    auto& next = waiting_.front();
    if (next->urgency == Urgency::now) --urgent_;
    bytes += next->bytes;
    group.push_back(std::move(next));
    waiting_.pop_front();
  }
  last_group_ = group.size();
  return group;
}

void GroupWriter::loop() {
  for (;;) {
    auto group = take();
    if (!group.empty()) {
      run_group(std::move(group));
      checkpoint_if_large();
      continue;
    }
    if (database_ != nullptr && !suspect_) checkpoint_idle();
    wal_pages_ = 0;
    std::lock_guard lock{mutex_};
    if (stopping_ && waiting_.empty()) break;
  }
  if (database_ != nullptr && !suspect_) checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  let_go();
  database_.reset();
}

void GroupWriter::run_group(Group group) {
  if (auto ready = recover(); !ready) {
    fail_group(group, ready.error());
    return;
  }
  const auto began = std::chrono::steady_clock::now();
  if (!run_requests(group)) return;
  const auto committed = commit();
  if (!committed) {
    fail_group(group, committed.error());
    return;
  }
  meters_.commit_seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  meters_.group_size.observe(static_cast<double>(group.size()));
  after_commit();
  for (auto& request : group) request->succeed();
}

// False when nobody is left. A request that fails by itself (a damaged page that only it reads) leaves the group; the
// others run again, which is right because nothing was committed.
bool GroupWriter::run_requests(Group& group) {
  for (int failures = 0;; ++failures) {
    database_->execute("BEGIN IMMEDIATE");
    std::size_t ran = 0;
    while (ran < group.size() && !database_->failed()) group[ran++]->run();
    if (!database_->failed()) return true;

    const bool damage = (database_->code() & 0xff) == SQLITE_CORRUPT || database_->code() == SQLITE_IOERR_READ ||
                        database_->code() == SQLITE_IOERR_SHORT_READ;
    const auto status = database_->status();
    rollback();
    if (!damage || ran == 0 || failures == 3) {
      fail_group(group, status.error());
      return false;
    }
    Group culprit;
    culprit.push_back(std::move(group[ran - 1]));
    group.erase(group.begin() + static_cast<std::ptrdiff_t>(ran - 1));
    fail_group(culprit, status.error());
    if (group.empty()) return false;
  }
}

Result<void> GroupWriter::commit() {
  before_commit();
  database_->execute("COMMIT");
  if (!database_->failed()) return {};
  auto status = database_->status();
  rollback();
  return std::unexpected(std::move(status.error()));
}

void GroupWriter::rollback() {
  // Without room nothing was written that anybody could take for good; any other failure casts doubt on the log.
  if ((database_->code() & 0xff) != SQLITE_FULL) suspect_ = true;
  after_rollback();
  database_->clear_error();
  if (!database_->idle()) database_->execute("ROLLBACK");
  database_->clear_error();
}

Result<void> GroupWriter::recover() {
  if (!suspect_) return {};
  auto connected = connect();
  if (!connected) {
    let_go();
    return connected;
  }
  int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) {
    database_->note_failure(code, "starting the log afresh");
    return database_->status();
  }
  suspect_ = false;
  told_suspect_ = false;
  wal_pages_ = 0;
  log_.warning("store.working_again", {{"path", options_.path}});
  return {};
}

void GroupWriter::fail_group(Group& group, const Error& error) {
  meters_.errors.add();
  if (!told_suspect_ || !suspect_) {
    log_.error("store.failed", {{"path", options_.path}, {"error", error.text}, {"requests", group.size()}});
    told_suspect_ = suspect_;
  }
  for (auto& request : group) request->fail(error);
}

void GroupWriter::checkpoint_if_large() {
  if (suspect_ || wal_pages_ < checkpoint_pages) return;
  checkpoint(wal_pages_ < reset_pages ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART);
}

// The log's room goes back to the file system, unless a reader still needs it: nobody is waited for.
void GroupWriter::checkpoint_idle() {
  sqlite3_busy_timeout(database_->handle(), 0);
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  sqlite3_busy_timeout(database_->handle(), Database::busy_milliseconds);
}

// A checkpoint that fails loses nothing: the log is still there, and the next one writes all pages again.
void GroupWriter::checkpoint(int mode) {
  const int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, mode, nullptr, nullptr);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return;
  meters_.errors.add();
  log_.error("store.checkpoint_failed", {{"path", options_.path}, {"error", sqlite3_errstr(code)}});
}

}  // namespace mailreeve::store::sqlite
