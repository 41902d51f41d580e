// SPDX-License-Identifier: Apache-2.0
// The one thread that writes: takes what is waiting, runs it in one transaction, commits with one sync, tells
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
#include <thread>
#include <vector>

#include "base/task.h"
#include "store/sqlite/gauges.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

/// May a request wait some milliseconds for others to share a sync with?
enum class Urgency { now, soon };

class Writer {
 public:
  Writer(QueueOptions options, Logger& log, Gauges& gauges);
  /// Finishes what was asked for, checkpoints and closes.
  ~Writer();

  /// Opens or creates the file and frees what this node had claimed.
  Result<void> open();
  void start();

  /// Runs `work(tables)` in a transaction on the writer's thread; durable when the task ends.
  template <class T, class Work>
  Task<Result<T>> submit(Urgency urgency, std::size_t bytes, Work work) {
    return wait_for<Result<T>>([this, urgency, bytes, work = std::move(work)](Done<Result<T>> done) mutable {
      enqueue(std::make_unique<Job<T, Work>>(urgency, bytes, std::move(work), std::move(done)));
    });
  }
  /// The same without anybody waiting.
  template <class Work>
  void post(Work work) {
    enqueue(std::make_unique<Job<int, Work>>(Urgency::soon, std::size_t{0}, std::move(work), Done<Result<int>>{}));
  }

  std::int64_t greatest_key() const { return greatest_key_; }

 private:
  struct Request {
    Request(Urgency u, std::size_t b) : urgency{u}, bytes{b} {}
    virtual ~Request() = default;
    virtual void run(Tables& tables) = 0;
    virtual void succeed() = 0;
    virtual void fail(const Error& error) = 0;
    Urgency urgency;
    std::size_t bytes;
  };
  template <class T, class Work>
  struct Job final : Request {
    Job(Urgency u, std::size_t b, Work w, Done<Result<T>> d) : Request{u, b}, work{std::move(w)}, done{std::move(d)} {}
    void run(Tables& tables) override { value = work(tables); }
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
  Result<Totals> commit();
  void fail_group(Group& group, const Error& error);
  Result<void> connect();
  Result<void> recover();
  void rollback();
  void checkpoint(int mode);
  void checkpoint_if_large();

  QueueOptions options_;
  Logger& log_;
  Gauges& gauges_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Tables> tables_;
  int wal_pages_ = 0;
  bool suspect_ = false;
  bool told_suspect_ = false;
  std::int64_t greatest_key_ = 0;

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
