// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/history.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <thread>
#include <variant>

#include "store/sqlite/database.h"
#include "store/sqlite/history_reads.h"
#include "store/sqlite/history_tables.h"
#include "store/sqlite/reader.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr std::size_t waiting_limit = 20'000;  // records; beyond them history is dropped rather than mail held up
constexpr std::size_t group_limit = 2'000;
constexpr std::size_t detail_limit = 64U << 10;
constexpr std::int64_t expire_step = 500;
constexpr auto group_wait = std::chrono::milliseconds{100};
class SqliteHistory final : public History {
 public:
  SqliteHistory(const std::string& path, Logger& log, Metrics& metrics)
      : log_{log},
        dropped_{metrics.counter("mailreeve_history_dropped_total", "History records that found no room")},
        path_{path},
        database_{path, {}, Database::Access::write},
        tables_{database_} {}

  ~SqliteHistory() override {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> open() {
    tables_.create();
    if (database_.failed()) return database_.status();
    // The file is there only now. Whoever searches long must not hold up the overview.
    for (auto* reader : {&reader_, &counts_reader_}) {
      *reader = std::make_unique<ReaderThread>(path_, std::string{});
      auto opened = (*reader)->open();
      if (!opened) return opened;
    }
    thread_ = std::thread{[this] { serve(); }};
    return {};
  }

  void post(HistoryRecord record) override { enqueue(std::move(record)); }
  void post(Delivery delivery) override { enqueue(std::move(delivery)); }

  Task<Result<std::vector<HistoryRecord>>> search(HistoryFilter filter) override {
    auto found = co_await reader_->submit<std::vector<HistoryRecord>>(
        [filter](Database& database) { return search_history(database, filter); });
    co_return found;
  }

  Task<Result<std::optional<HistoryRecord>>> show(std::string id) override {
    auto found = co_await reader_->submit<std::optional<HistoryRecord>>(
        [id](Database& database) { return show_history(database, id); });
    co_return found;
  }

  Task<Result<std::vector<Delivery>>> deliveries(MessageId id) override {
    auto found = co_await counts_reader_->submit<std::vector<Delivery>>(
        [id](Database& database) { return deliveries_of(database, id); });
    co_return found;
  }

  Task<Result<std::vector<MessageId>>> ids(MessageId id) override {
    auto found = co_await counts_reader_->submit<std::vector<MessageId>>(
        [id](Database& database) { return ids_of(database, id); });
    co_return found;
  }

  Task<Result<std::vector<Tally>>> verdicts(WallTime since, std::chrono::seconds step) override {
    const auto now = SystemClock{}.now();
    auto counts = co_await counts_reader_->submit<std::vector<Tally>>(
        [since, step, now](Database& database) { return verdict_tallies(database, since, step, now); });
    co_return counts;
  }

  Task<Result<std::map<std::string, std::uint64_t>>> findings(WallTime since) override {
    const auto now = SystemClock{}.now();
    auto counts = co_await counts_reader_->submit<std::map<std::string, std::uint64_t>>(
        [since, now](Database& database) { return finding_tallies(database, since, now); });
    co_return counts;
  }

  Task<Result<std::uint64_t>> expire(WallTime before) override {
    auto deleted = co_await wait_for<Result<std::uint64_t>>([this, before](Done<Result<std::uint64_t>> done) {
      std::lock_guard lock{mutex_};
      expiries_.push_back({before, std::move(done)});
      wake_.notify_one();
    });
    co_return deleted;
  }

  Task<void> flush() override {
    co_await wait_for<bool>([this](Done<bool> done) {
      std::lock_guard lock{mutex_};
      flushes_.push_back(std::move(done));
      wake_.notify_one();
    });
  }

 private:
  struct Expiry {
    WallTime before;
    Done<Result<std::uint64_t>> done;
  };

  void enqueue(std::variant<HistoryRecord, Delivery> news) {
    {
      std::lock_guard lock{mutex_};
      if (waiting_.size() < waiting_limit) {
        waiting_.push_back(std::move(news));
        if (waiting_.size() == group_limit) wake_.notify_one();
        return;
      }
    }
    dropped_.add();
  }

  void serve() {
    while (true) {
      std::deque<std::variant<HistoryRecord, Delivery>> group;
      std::vector<Done<bool>> flushes;
      std::vector<Expiry> expiries;
      bool last = false;
      {
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, group_wait, [this] {
          return stopping_ || !flushes_.empty() || !expiries_.empty() || waiting_.size() >= group_limit;
        });
        group.swap(waiting_);
        flushes.swap(flushes_);
        expiries.swap(expiries_);
        last = stopping_;
      }
      write(group);
      for (auto& expiry : expiries) expiry.done(remove(expiry.before));
      for (const auto& done : flushes) done(true);
      if (last) return;
    }
  }

  void write(std::deque<std::variant<HistoryRecord, Delivery>>& group) {
    if (group.empty()) return;
    database_.execute("BEGIN IMMEDIATE");
    for (auto& news : group) {
      if (auto* record = std::get_if<HistoryRecord>(&news)) {
        if (record->make_detail) record->detail = record->make_detail();
        if (record->detail.size() > detail_limit) record->detail = "{}";
        tables_.insert(*record);
      } else {
        tables_.insert(std::get<Delivery>(news));
      }
    }
    tables_.write_tallies();
    database_.execute("COMMIT");
    end_transaction("history could not be written");
  }

  Result<std::uint64_t> remove(WallTime before) {
    std::uint64_t removed = 0;
    while (true) {
      database_.execute("BEGIN IMMEDIATE");
      const auto changed = tables_.remove_some(before, expire_step);
      if (changed < expire_step) tables_.remove_rest(before, SystemClock{}.now());
      database_.execute("COMMIT");
      if (database_.failed()) {
        auto status = database_.status();
        end_transaction("history could not be expired");
        return fail(status);
      }
      removed += static_cast<std::uint64_t>(changed);
      if (changed < expire_step) return removed;
      std::deque<std::variant<HistoryRecord, Delivery>> meanwhile;
      {
        std::lock_guard lock{mutex_};
        meanwhile.swap(waiting_);
      }
      write(meanwhile);
    }
  }

  void end_transaction(std::string_view what) {
    const bool failed = database_.failed();
    if (failed && !told_) log_.error("history", {{"error", database_.status().error().text}, {"what", what}});
    told_ = failed;
    tables_.forget_tallies();
    database_.clear_error();
    if (!database_.idle()) database_.execute("ROLLBACK");
    database_.clear_error();
  }

  Logger& log_;
  Counter dropped_;
  std::string path_;
  std::unique_ptr<ReaderThread> reader_;
  std::unique_ptr<ReaderThread> counts_reader_;
  Database database_;
  HistoryTables tables_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::variant<HistoryRecord, Delivery>> waiting_;
  std::vector<Done<bool>> flushes_;
  std::vector<Expiry> expiries_;
  bool stopping_ = false;
  bool told_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<History>> open_history(const std::string& path, Logger& log, Metrics& metrics) {
  auto history = std::make_unique<SqliteHistory>(path, log, metrics);
  auto opened = history->open();
  if (!opened) return fail(opened.error().kind, fmt::format("{}: {}", path, opened.error().text));
  return history;
}

}  // namespace mailreeve::store::sqlite
