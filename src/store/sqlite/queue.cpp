// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

#include "base/digest.h"
#include "store/sqlite/free_space.h"
#include "store/sqlite/gauges.h"
#include "store/sqlite/lock_file.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/reads.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/stored_body.h"
#include "store/sqlite/writer.h"

namespace mailreeve::store::sqlite {

namespace {

/// What an accept needs until it is committed, whatever becomes of the coroutine that asked for it.
struct Acceptance {
  NewMessage message;
  std::int64_t key = 0;
  std::string scratch;
  std::string_view body;
};

class SqliteQueue final : public Queue {
 public:
  SqliteQueue(QueueOptions options, LockFile lock, Logger& log, Metrics& metrics)
      : lock_{std::move(lock)},
        log_{log},
        gauges_{metrics},
        space_{options.path, options.vfs.empty() ? options.min_free_bytes : 0},
        writer_{std::make_shared<Writer>(options, log, gauges_)},
        readers_{std::make_shared<ReaderPool>(options.path, options.vfs)},
        options_{std::move(options)} {}

  ~SqliteQueue() override {
    // The writer goes while the readers are still open, so that it is never the last to let go of the log.
    writer_.reset();
  }

  Result<void> open() {
    if (auto opened = writer_->open(); !opened) return opened;
    next_key_ = writer_->greatest_key() + 1;
    schedule_ = std::make_unique<ReaderThread>(options_.path, options_.vfs);
    people_ = std::make_unique<ReaderThread>(options_.path, options_.vfs);
    if (auto opened = schedule_->open(); !opened) return opened;
    if (auto opened = people_->open(); !opened) return opened;
    writer_->start();
    return {};
  }

  Task<Result<void>> accept(NewMessage message) override {
    if (!space_.enough()) {
      co_return fail(ErrorKind::full,
                     fmt::format("less than {} MiB are free beside {}: no mail is taken until there is "
                                 "room again",
                                 space_.least() >> 20, options_.path));
    }
    auto work = std::make_shared<Acceptance>();
    work->message = std::move(message);
    work->key = next_key_.fetch_add(1);
    work->message.message.size = work->message.body->size();
    if (work->message.message.size > inline_limit) {
      auto stored = co_await store_chunks(work);
      if (stored) stored = co_await commit_message(work, true);
      // Without its message row nobody sees a chunk; what is left behind is swept at the next start.
      if (!stored)
        writer_->post([key = work->key](Tables& tables) {
          tables.remove_chunks(key);
          return 0;
        });
      co_return stored;
    }
    if (auto read = read_small(*work); !read) co_return read;
    auto stored = co_await commit_message(work, false);
    co_return stored;
  }

  Task<Result<std::vector<std::string>>> due_destinations(WallTime now, std::size_t limit) override {
    return schedule_->submit<std::vector<std::string>>(
        [now, limit](Database& database) { return sqlite::due_destinations(database, now, limit); });
  }

  Task<Result<std::optional<WallTime>>> next_due() override {
    return schedule_->submit<std::optional<WallTime>>([](Database& database) { return sqlite::next_due(database); });
  }

  Task<Result<std::vector<Claim>>> claim(std::string destination, std::string owner, WallTime now, WallTime lease_until,
                                         std::size_t limit) override {
    return writer_->submit<std::vector<Claim>>(
        Urgency::now, 0,
        [destination = std::move(destination), owner = std::move(owner), now, lease_until, limit](Tables& tables) {
          return tables.claim(destination, owner, now, lease_until, limit);
        });
  }

  Task<Result<void>> record(std::string owner, std::vector<Change> changes) override {
    auto done = co_await writer_->submit<int>(Urgency::soon, 0,
                                              [owner = std::move(owner), changes = std::move(changes)](Tables& tables) {
                                                tables.record(owner, changes);
                                                return 0;
                                              });
    co_return without_value(std::move(done));
  }

  Task<Result<void>> renew(std::string owner, WallTime lease_until) override {
    auto done =
        co_await writer_->submit<int>(Urgency::soon, 0, [owner = std::move(owner), lease_until](Tables& tables) {
          tables.renew(owner, lease_until);
          return 0;
        });
    co_return without_value(std::move(done));
  }

  Task<Result<std::uint64_t>> release_expired_leases(WallTime now) override {
    return writer_->submit<std::uint64_t>(Urgency::soon, 0,
                                          [now](Tables& tables) { return tables.release_expired_leases(now); });
  }

  Task<Result<std::shared_ptr<const mail::Body>>> body(MessageId id) override;

  Task<Result<std::vector<QueuedMessage>>> list(Filter filter) override {
    return people_->submit<std::vector<QueuedMessage>>(
        [filter = std::move(filter)](Database& database) { return sqlite::list(database, filter); });
  }

  Task<Result<std::optional<QueuedMessage>>> show(MessageId id) override {
    return people_->submit<std::optional<QueuedMessage>>(
        [id](Database& database) { return sqlite::show(database, id); });
  }

  Task<Result<std::uint64_t>> change(AdminAction action, std::optional<MessageId> id, Filter filter,
                                     WallTime now) override;

  Task<Result<Counts>> counts() override;
  Task<Result<std::vector<DestinationSummary>>> destinations(std::size_t limit) override {
    auto found = co_await people_->submit<std::vector<DestinationSummary>>(
        [limit](Database& database) { return sqlite::destinations(database, limit); });
    co_return found;
  }

 private:
  static Result<void> without_value(Result<int> result) {
    if (!result) return fail(result);
    return {};
  }

  static Result<void> read_small(Acceptance& work) {
    auto& message = work.message.message;
    if (auto read = read_chunk(work, 0); !read) return read;
    if (message.sha256 == Sha256{}) message.sha256 = sha256_of(work.body);
    return {};
  }

  static Result<void> read_chunk(Acceptance& work, std::uint64_t offset) {
    auto bytes = read_row(*work.message.body, offset, work.scratch);
    if (!bytes) return fail(bytes);
    work.body = *bytes;
    return {};
  }

  Task<Result<void>> store_chunks(std::shared_ptr<Acceptance> work);

  Task<Result<void>> commit_message(std::shared_ptr<Acceptance> work, bool in_chunks) {
    auto done = co_await writer_->submit<int>(Urgency::now, work->body.size(), [work, in_chunks](Tables& tables) {
      if (!tables.insert(work->key, work->message, in_chunks, work->body) && in_chunks) tables.remove_chunks(work->key);
      return 0;
    });
    co_return without_value(std::move(done));
  }

  std::function<void()> set_aside(MessageId id) {
    return [this, id, writer = std::weak_ptr<Writer>{writer_}] {
      const auto alive = writer.lock();
      if (!alive) return;
      gauges_.writing.errors.add();
      log_.error("store.damaged", {{"id", id.text()}, {"hint", "the message is held; restore its body or drop it"}});
      alive->post([id](Tables& tables) {
        tables.set_damaged(id, "set aside: the stored body is damaged");
        return 0;
      });
    };
  }

  LockFile lock_;
  Logger& log_;
  Gauges gauges_;
  FreeSpace space_;
  std::shared_ptr<Writer> writer_;
  std::shared_ptr<ReaderPool> readers_;
  QueueOptions options_;
  std::unique_ptr<ReaderThread> schedule_;
  std::unique_ptr<ReaderThread> people_;
  std::atomic<std::int64_t> next_key_ = 1;
};

// Each chunk is committed with whatever else is waiting, so that a large body never holds up a small one.
Task<Result<void>> SqliteQueue::store_chunks(std::shared_ptr<Acceptance> work) {
  auto& message = work->message.message;
  Sha256Stream digest;
  std::uint64_t offset = 0;
  for (std::int64_t number = 0; offset < message.size; ++number) {
    if (number >= chunks_per_message) co_return fail(ErrorKind::invalid, "a body of more than 16 GiB cannot be stored");
    auto chunk = read_chunk(*work, offset);
    if (!chunk) co_return fail(chunk);
    digest.add(work->body);
    offset += work->body.size();
    auto stored = co_await writer_->submit<int>(Urgency::now, work->body.size(), [work, number](Tables& tables) {
      tables.insert_chunk(work->key, number, work->body);
      return 0;
    });
    if (!stored) co_return fail(stored);
  }
  work->body = {};
  if (message.sha256 == Sha256{}) message.sha256 = digest.finish();
  co_return Result<void>{};
}

Task<Result<std::shared_ptr<const mail::Body>>> SqliteQueue::body(MessageId id) {
  const auto database = readers_->borrow();
  Statement row{*database, "SELECT key,size,sha256,damaged,body FROM message WHERE id=?1"};
  row.bind_blob(1, id.bytes());
  const bool found = row.row();
  const auto status = (*database).status();
  if (!status) co_return std::unexpected(status.error());
  if (!found) co_return fail(ErrorKind::not_found, "no such message in the queue: " + id.text());
  if (row.integer(3) != 0) co_return fail(ErrorKind::io, "the stored body is damaged; the message is set aside");

  const auto size = static_cast<std::uint64_t>(row.integer(1));
  Sha256 digest{};
  const auto stored_digest = row.bytes(2);
  std::ranges::transform(stored_digest.substr(0, digest.size()), digest.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  if (row.is_null(4)) {
    auto chunks = std::make_shared<StoredBody>(readers_, row.integer(0), size, digest, set_aside(id));
    row.reset();
    co_return std::shared_ptr<const mail::Body>{std::move(chunks)};
  }
  std::string bytes{row.bytes(4)};
  row.reset();
  if (bytes.size() != size || sha256_of(bytes) != digest) {
    set_aside(id)();
    co_return fail(ErrorKind::io,
                   "the stored body is not what was accepted (size or SHA-256): the message is set aside");
  }
  co_return std::shared_ptr<const mail::Body>{std::make_shared<mail::MemoryBody>(std::move(bytes))};
}

Task<Result<std::uint64_t>> SqliteQueue::change(AdminAction action, std::optional<MessageId> id, Filter filter,
                                                WallTime now) {
  if (id) {
    auto changed = co_await writer_->submit<std::uint64_t>(
        Urgency::now, 0, [action, id = *id, now](Tables& tables) { return tables.change_message(action, id, now); });
    co_return changed;
  }
  struct Slice {
    bool more = true;
    std::int64_t after = 0;
    std::uint64_t changed = 0;
  };
  Slice so_far;
  while (so_far.more) {
    auto slice = co_await writer_->submit<Slice>(Urgency::now, 0, [action, filter, now, so_far](Tables& tables) {
      Slice next = so_far;
      next.more = tables.change_matching(action, filter, now, next.after, next.changed);
      return next;
    });
    if (!slice) co_return fail(slice);
    so_far = *slice;
  }
  co_return so_far.changed;
}

Task<Result<Counts>> SqliteQueue::counts() {
  const auto totals = gauges_.totals();
  const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)); };
  Counts counts{.messages = count(totals.messages),
                .queued = count(totals.recipients[0]),
                .held = count(totals.recipients[1]),
                .refused = count(totals.recipients[2]),
                .expired = count(totals.recipients[3]),
                .bytes = count(totals.bytes),
                .oldest = std::nullopt};
  if (counts.queued > 0) {
    auto oldest =
        co_await people_->submit<std::optional<WallTime>>([](Database& database) { return oldest_queued(database); });
    if (!oldest) co_return fail(oldest);
    counts.oldest = *oldest;
  }
  co_return counts;
}

}  // namespace

Result<std::unique_ptr<Queue>> open_queue(QueueOptions options, Logger& log, Metrics& metrics) {
  // Counting every allocation under a lock costs the writer a tenth of its time. Must come before SQLite's first use,
  // and is refused, without harm, after it.
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });

  LockFile lock;
  if (options.vfs.empty()) {
    auto taken = LockFile::take(options.path + ".lock");
    if (!taken) return fail(taken);
    auto queue = std::make_unique<SqliteQueue>(std::move(options), std::move(*taken), log, metrics);
    if (auto opened = queue->open(); !opened) return fail(opened);
    return queue;
  }
  // A machine of a test's own: nobody else can reach its files.
  auto queue = std::make_unique<SqliteQueue>(std::move(options), LockFile{}, log, metrics);
  if (auto opened = queue->open(); !opened) return fail(opened);
  return queue;
}

}  // namespace mailreeve::store::sqlite
