// SPDX-License-Identifier: Apache-2.0
// The one thread that writes a file: takes what is waiting, runs it in one transaction, commits with one sync, tells
// everybody.
//
// After a failed write or sync nothing of that group is told a success, and nothing of it is run again. The log is then
// suspect: the kernel may have dropped what it could not write while still showing it to readers. So before anything
// else is written the connection is opened anew and everything committed before is moved into the database file and
// synced there, which starts the log afresh. A reader that stays open keeps SQLite from taking up the failed group.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/task.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

/// May a request wait some milliseconds for others to share a sync with?
enum class Urgency { now, soon };

struct WriterOptions {
  std::string path;
  std::string vfs = {};           // empty: the system's
  std::size_t group_limit = 256;  // requests a commit
};

/// What every writer tells Prometheus; one set for all files.
struct WriterMeters {
  explicit WriterMeters(Metrics& metrics);
  Histogram commit_seconds;
  Histogram group_size;
  Counter errors;
};

/// A file's own writer derives from it, and calls `finish` in its destructor.
class GroupWriter {
 public:
  GroupWriter(WriterOptions options, Logger& log, WriterMeters& meters);
  virtual ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  /// Opens or creates the file, and commits what `at_open` does.
  Result<void> open();
  void start();

  /// Runs `work()`, which may be run again when another request of its group fails, in a transaction on the writer's
  /// thread; durable when the task ends. `bytes`: how much it writes, about.
  template <class T, class Work>
  Task<Result<T>> run(Urgency urgency, std::size_t bytes, Work work) {
    return wait_for<Result<T>>([this, urgency, bytes, work = std::move(work)](Done<Result<T>> done) mutable {
      enqueue(std::make_unique<Job<T, Work>>(urgency, bytes, std::move(work), std::move(done)));
    });
  }
  /// The same without anybody waiting.
  template <class Work>
  void run_later(Work work) {
    enqueue(std::make_unique<Job<int, Work>>(Urgency::soon, std::size_t{0}, std::move(work), Done<Result<int>>{}));
  }

 protected:
  /// A connection was opened: pragmas, tables, statements.
  virtual Result<void> prepare(Database& database) = 0;
  /// The connection is about to go: statements must go first.
  virtual void let_go() = 0;
  /// In the first transaction.
  virtual void at_open() {}
  /// Around each commit, for figures kept beside the tables.
  virtual void before_commit() {}
  virtual void after_commit() {}
  virtual void after_rollback() {}

  /// Does what was asked for, checkpoints and closes. Idempotent.
  void finish();

  WriterOptions options_;
  Logger& log_;

 private:
  struct Request {
    Request(Urgency u, std::size_t b) : urgency{u}, bytes{b} {}
    virtual ~Request() = default;
    virtual void run() = 0;
    virtual void succeed() = 0;
    virtual void fail(const Error& error) = 0;
    Urgency urgency;
    std::size_t bytes;
  };
  template <class T, class Work>
  struct Job final : Request {
    Job(Urgency u, std::size_t b, Work w, Done<Result<T>> d) : Request{u, b}, work{std::move(w)}, done{std::move(d)} {}
    void run() override { value = work(); }
    void succeed() override {
      if (done) done(Result<T>{std::move(value)});
    }
    void fail(const Error& error) override {
      if (done) done(Result<T>{std::unexpected(error)});
    }
    Work work;
    Done<Result<T>> done;
    T value{};
  };
  using Group = std::vector<std::unique_ptr<Request>>;

  void enqueue(std::unique_ptr<Request> request);
  Group take();
  void loop();
  void run_group(Group group);
  bool run_requests(Group& group);
  Result<void> commit();
  void fail_group(Group& group, const Error& error);
  Result<void> connect();
  Result<void> recover();
  void rollback();
  void checkpoint(int mode);
  void checkpoint_if_large();
  void checkpoint_idle();

  WriterMeters& meters_;
  std::unique_ptr<Database> database_;
  int wal_pages_ = 0;
  bool suspect_ = false;
  bool told_suspect_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Request>> waiting_;
  std::size_t urgent_ = 0;
  std::size_t last_group_ = 0;  // requests; of the writing thread alone
  bool idle_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mailreeve::store::sqlite
