// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/marks.h"

#include <fmt/format.h>

#include <condition_variable>
#include <thread>

#include "store/memory_marks.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr auto flush_every = std::chrono::seconds{2};

class DurableMarks final : public MemoryMarks {
 public:
  DurableMarks(const std::string& path, Logger& log, std::size_t limit)
      : MemoryMarks{limit, true}, log_{log}, database_{path, {}, Database::Access::write} {}

  ~DurableMarks() override {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    flush();
  }

  Result<void> open() {
    // A crash may lose the last seconds: that costs a sender one more wait. It must not cost a sync a message.
    database_.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA trusted_schema=OFF;"
        "CREATE TABLE IF NOT EXISTS mark(key TEXT PRIMARY KEY, value INTEGER NOT NULL, first INTEGER NOT NULL,"
        " expires INTEGER NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;");
    const auto now = to_millis(SystemClock{}.now());
    {
      Statement sweep{database_, "DELETE FROM mark WHERE expires <= ?1"};
      sweep.bind(1, now).run();
      Statement read{database_, "SELECT key, value, first, expires, text FROM mark"};
      while (read.row()) {
        keep(std::string{read.bytes(0)},
             Mark{read.integer(1), from_millis(read.integer(2)), from_millis(read.integer(3)),
                  std::string{read.bytes(4)}},
             false);
      }
    }
    if (database_.failed()) return database_.status();
    thread_ = std::thread{[this] { serve(); }};
    return {};
  }

 private:
  void serve() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
      wake_.wait_for(lock, flush_every);
      lock.unlock();
      flush();
      lock.lock();
    }
  }

  void flush() {
    const auto changes = take_changes();
    if (changes.empty()) return;
    const auto now = SystemClock{}.now();
    database_.execute("BEGIN IMMEDIATE");
    {
      Statement put{
          database_,
          "INSERT INTO mark VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(key) DO UPDATE SET value = ?2, first = ?3, "
          "expires = ?4, text = ?5"};
      Statement erase{database_, "DELETE FROM mark WHERE key = ?1"};
      for (const auto& [key, mark] : changes) {
        if (mark && mark->expires > now) {
          put.bind_text(1, key)
              .bind(2, mark->value)
              .bind(3, to_millis(mark->first))
              .bind(4, to_millis(mark->expires))
              .bind_text(5, mark->text)
              .run();
        } else {
          erase.bind_text(1, key).run();
        }
      }
    }
    database_.execute("COMMIT");
    const bool failed = database_.failed();
    if (failed && !told_) {
      log_.error("marks", {{"error", database_.status().error().text},
                           {"advice", "greylisting and limits go on in memory and are forgotten at a restart"}});
    }
    told_ = failed;
    database_.clear_error();
    if (!database_.idle()) database_.execute("ROLLBACK");
    database_.clear_error();
  }

  Logger& log_;
  Database database_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool told_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Marks>> open_marks(const std::string& path, Logger& log, std::size_t limit) {
  auto marks = std::make_unique<DurableMarks>(path, log, limit);
  auto opened = marks->open();
  if (!opened) return fail(opened.error().kind, fmt::format("{}: {}", path, opened.error().text));
  return marks;
}

}  // namespace mailreeve::store::sqlite
