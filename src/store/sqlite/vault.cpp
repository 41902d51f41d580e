// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/vault.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>

#include "store/sqlite/free_space.h"
#include "store/sqlite/group_writer.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/stored_body.h"
#include "store/sqlite/vault_search.h"
#include "store/sqlite/vault_tables.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr std::int64_t expire_step = 200;  // messages a transaction
constexpr std::int64_t shrink_step = 500;  // pages of 8 KiB a transaction; fewer are left for what comes next
constexpr std::string_view no_room =
    "the quarantine is full: let messages go (mailreeve quarantine delete), or raise max-size in [quarantine]";

/// The totals that `counts` answers from; Prometheus sees them too.
class VaultGauges {
 public:
  explicit VaultGauges(Metrics& metrics)
      : writing{metrics},
        held_{metrics.gauge("mailreeve_quarantine_messages", "Messages in quarantine that wait for a decision.",
                            {{"kind", "held"}})},
        refused_{metrics.gauge("mailreeve_quarantine_messages", "Messages in quarantine that wait for a decision.",
                               {{"kind", "refused"}})},
        asked_{metrics.gauge("mailreeve_quarantine_requests", "Recipients who ask for a release.")},
        bytes_{metrics.gauge("mailreeve_quarantine_bytes", "Octets of the bodies in quarantine.")} {}

  void set(const VaultTotals& totals) {
    std::lock_guard lock{mutex_};
    totals_ = totals;
    show();
  }
  void add(const VaultTotals& delta) {
    std::lock_guard lock{mutex_};
    totals_.add(delta);
    show();
  }
  HeldCounts counts() const {
    const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)); };
    std::lock_guard lock{mutex_};
    return {.held = count(totals_.held),
            .refused = count(totals_.refused),
            .asked = count(totals_.asked),
            .bytes = count(totals_.bytes)};
  }

  WriterMeters writing;

 private:
  void show() {
    held_.set(static_cast<double>(totals_.held));
    refused_.set(static_cast<double>(totals_.refused));
    asked_.set(static_cast<double>(totals_.asked));
    bytes_.set(static_cast<double>(totals_.bytes));
  }
  mutable std::mutex mutex_;
  VaultTotals totals_;
  Gauge held_, refused_, asked_, bytes_;
};

class VaultWriter final : public GroupWriter {
 public:
  VaultWriter(const VaultOptions& options, Logger& log, VaultGauges& gauges)
      : GroupWriter{{.path = options.path, .vfs = options.vfs}, log, gauges.writing}, gauges_{gauges} {}
  ~VaultWriter() override { finish(); }

  template <class T, class Work>
  Task<Result<T>> submit(std::size_t bytes, Work work) {
    return run<T>(Urgency::now, bytes, [this, work = std::move(work)]() mutable { return work(*tables_); });
  }
  template <class Work>
  void post(Work work) {
    run_later([this, work = std::move(work)]() mutable {
      work(*tables_);
      return 0;
    });
  }
  std::int64_t greatest_key() const { return greatest_key_; }

 private:
  Result<void> prepare(Database& database) override {
    auto prepared = prepare_vault(database);
    if (!prepared) return prepared;
    tables_ = std::make_unique<VaultTables>(database);
    tables_->read_totals();
    return database.status();
  }
  void let_go() override { tables_.reset(); }
  void at_open() override {
    tables_->sweep_unfinished();
    greatest_key_ = tables_->greatest_key();
    gauges_.set(tables_->read_totals());
  }
  void before_commit() override { delta_ = tables_->write_totals(); }
  void after_commit() override { gauges_.add(delta_); }
  void after_rollback() override { tables_->forget_totals(); }

  VaultGauges& gauges_;
  std::unique_ptr<VaultTables> tables_;
  VaultTotals delta_;
  std::int64_t greatest_key_ = 0;
};

/// What a message needs until it is committed, whatever becomes of the coroutine that asked for it.
struct Arrival {
  NewHeld item;
  std::int64_t key = 0;
  std::string scratch;
  std::string_view bytes;  // of its last row
};

class SqliteVault final : public Vault {
 public:
  SqliteVault(const VaultOptions& options, Logger& log, Metrics& metrics)
      : log_{log},
        gauges_{metrics},
        space_{options.path, options.vfs.empty() ? options.min_free_bytes : 0},
        writer_{std::make_shared<VaultWriter>(options, log, gauges_)},
        readers_{std::make_shared<ReaderPool>(options.path, options.vfs)},
        options_{options} {}

  ~SqliteVault() override {
    // The writer goes while the readers are still open, so that it is never the last to let go of the log.
    writer_.reset();
  }

  Result<void> open() {
    if (auto opened = writer_->open(); !opened) return opened;
    next_key_ = writer_->greatest_key() + 1;
    people_ = std::make_unique<ReaderThread>(options_.path, options_.vfs);
    if (auto opened = people_->open(); !opened) return opened;
    writer_->start();
    return {};
  }

  Task<Result<void>> keep(NewHeld item) override;

  Task<Result<std::vector<HeldMessage>>> search(HeldFilter filter) override {
    return people_->submit<std::vector<HeldMessage>>(
        [filter = std::move(filter)](Database& database) { return search_vault(database, filter); });
  }
  Task<Result<std::optional<HeldMessage>>> show(MessageId id) override {
    return people_->submit<std::optional<HeldMessage>>([id](Database& database) { return show_held(database, id); });
  }
  Task<Result<std::optional<MessageId>>> of_transaction(MessageId transaction) override {
    return people_->submit<std::optional<MessageId>>(
        [transaction](Database& database) { return held_of_transaction(database, transaction); });
  }
  Task<Result<std::shared_ptr<const mail::Body>>> body(MessageId id) override;

  Task<Result<std::uint64_t>> change(MessageId id, std::vector<std::uint32_t> recipients, HeldState state,
                                     std::string by, WallTime now) override {
    return writer_->submit<std::uint64_t>(
        0, [id, recipients = std::move(recipients), state, by = std::move(by), now](VaultTables& tables) {
          return tables.change(id, recipients, state, by, now);
        });
  }
  Task<Result<std::optional<Release>>> begin_release(MessageId id, std::vector<std::uint32_t> recipients,
                                                     MessageId release, std::string by, WallTime now) override;
  Task<Result<void>> end_release(MessageId release, WallTime now) override {
    return finish_release(release, HeldState::released, now);
  }
  Task<Result<void>> cancel_release(MessageId release) override {
    return finish_release(release, HeldState::waiting, {});
  }
  Task<Result<std::vector<Release>>> unfinished_releases() override {
    return people_->submit<std::vector<Release>>([](Database& database) { return releases(database, std::nullopt); });
  }

  Task<Result<std::uint64_t>> expire(WallTime before) override;
  Task<Result<void>> shrink() override;
  HeldCounts counts() const override { return gauges_.counts(); }
  Task<Result<std::vector<std::pair<std::string, std::uint64_t>>>> released_findings(WallTime since) override {
    return people_->submit<std::vector<std::pair<std::string, std::uint64_t>>>(
        [since](Database& database) { return sqlite::released_findings(database, since); });
  }

 private:
  Task<Result<void>> finish_release(MessageId release, HeldState state, WallTime now) {
    auto done = co_await writer_->submit<int>(0, [release, state, now](VaultTables& tables) {
      tables.end_release(release, state, now);
      return 0;
    });
    if (!done) co_return fail(done);
    co_return Result<void>{};
  }
  Task<Result<void>> store_rows(std::shared_ptr<Arrival> work);
  std::function<void()> set_aside(MessageId id);

  Logger& log_;
  VaultGauges gauges_;
  FreeSpace space_;
  std::shared_ptr<VaultWriter> writer_;
  std::shared_ptr<ReaderPool> readers_;
  VaultOptions options_;
  std::unique_ptr<ReaderThread> people_;
  std::atomic<std::int64_t> next_key_ = 1;
};

// All rows but the last are committed with whatever else is waiting; `bytes` is the last one.
Task<Result<void>> SqliteVault::store_rows(std::shared_ptr<Arrival> work) {
  auto& message = work->item.message;
  Sha256Stream digest;
  std::uint64_t offset = 0;
  std::int64_t number = 0;
  while (true) {
    if (number >= chunks_per_message) co_return fail(ErrorKind::invalid, "a body of more than 16 GiB cannot be stored");
    auto row = read_row(*work->item.body, offset, work->scratch);
    if (!row) co_return fail(row);
    work->bytes = *row;
    digest.add(*row);
    offset += row->size();
    if (offset >= message.size) break;
    auto stored = co_await writer_->submit<int>(work->bytes.size(), [work, number](VaultTables& tables) {
      tables.insert_chunk(work->key, number, work->bytes, true);
      return 0;
    });
    if (!stored) co_return fail(stored);
    ++number;
  }
  message.sha256 = digest.finish();
  co_return Result<void>{};
}

Task<Result<void>> SqliteVault::keep(NewHeld item) {
  if (!space_.enough()) {
    co_return fail(ErrorKind::full,
                   fmt::format("less than {} MiB are free beside {}: nothing is held until there is room",
                               space_.least() >> 20, options_.path));
  }
  auto work = std::make_shared<Arrival>();
  work->item = std::move(item);
  work->item.message.size = work->item.body->size();
  work->key = next_key_.fetch_add(1);
  auto stored = co_await store_rows(work);
  if (stored) {
    const auto last = static_cast<std::int64_t>(
        work->item.message.size == 0 ? 0 : (work->item.message.size - 1) / mail::Body::chunk_size);
    using Inserted = VaultTables::Inserted;
    auto kept = co_await writer_->submit<Inserted>(work->bytes.size(), [work, last](VaultTables& tables) {
      const auto inserted = tables.insert(work->key, work->item);
      if (inserted == Inserted::now) tables.insert_chunk(work->key, last, work->bytes, false);
      if (inserted == Inserted::known) tables.remove_chunks(work->key);
      return inserted;
    });
    if (!kept) {
      stored = fail(kept);
    } else if (*kept == Inserted::full) {
      stored = fail(ErrorKind::full, std::string{no_room});
    }
  }
  if (!stored) {
    writer_->post([key = work->key](VaultTables& tables) { tables.remove_chunks(key); });
  }
  co_return stored;
}

Task<Result<std::optional<Release>>> SqliteVault::begin_release(MessageId id, std::vector<std::uint32_t> recipients,
                                                                MessageId release, std::string by, WallTime now) {
  const auto begun = co_await writer_->submit<std::uint64_t>(
      0, [id, recipients = std::move(recipients), release, by = std::move(by), now](VaultTables& tables) {
        return tables.begin_release(id, recipients, release, by, now);
      });
  if (!begun) co_return std::unexpected(begun.error());
  if (*begun == 0) co_return std::optional<Release>{};
  auto found = co_await people_->submit<std::vector<Release>>(
      [release](Database& database) { return releases(database, release); });
  if (!found) co_return fail(found);
  if (found->empty()) co_return fail(ErrorKind::io, "a release that was begun cannot be read back");
  co_return std::optional{std::move(found->front())};
}

std::function<void()> SqliteVault::set_aside(MessageId id) {
  return [this, id, writer = std::weak_ptr<VaultWriter>{writer_}] {
    const auto alive = writer.lock();
    if (!alive) return;
    gauges_.writing.errors.add();
    log_.error("quarantine.damaged",
               {{"id", id.text()}, {"hint", "its body is not what was kept; it is never released"}});
    alive->post([id](VaultTables& tables) { tables.set_damaged(id); });
  };
}

Task<Result<std::shared_ptr<const mail::Body>>> SqliteVault::body(MessageId id) {
  const auto database = readers_->borrow();
  Statement row{*database, "SELECT key,size,sha256,damaged,has_body FROM held WHERE id=?1"};
  row.bind_blob(1, id.bytes());
  const bool found = row.row();
  const auto status = (*database).status();
  if (!status) co_return std::unexpected(status.error());
  if (!found || row.integer(4) == 0) {
    co_return fail(ErrorKind::not_found, "no such message in quarantine: " + id.text());
  }
  if (row.integer(3) != 0) co_return fail(ErrorKind::io, "the stored body is damaged; the message is set aside");
  Sha256 digest{};
  const auto stored = row.bytes(2);
  std::ranges::transform(stored.substr(0, digest.size()), digest.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  auto chunks = std::make_shared<StoredBody>(readers_, row.integer(0), static_cast<std::uint64_t>(row.integer(1)),
                                             digest, set_aside(id));
  row.reset();
  co_return std::shared_ptr<const mail::Body>{std::move(chunks)};
}

Task<Result<void>> SqliteVault::shrink() {
  std::int64_t left = shrink_step;
  while (left >= shrink_step) {
    const auto step =
        co_await writer_->submit<std::int64_t>(0, [](VaultTables& tables) { return tables.give_back(shrink_step); });
    if (!step) co_return std::unexpected(step.error());
    left = *step;
  }
  co_return Result<void>{};
}

Task<Result<std::uint64_t>> SqliteVault::expire(WallTime before) {
  std::uint64_t expired = 0;
  while (true) {
    const auto step = co_await writer_->submit<std::uint64_t>(
        0, [before](VaultTables& tables) { return tables.expire(before, expire_step); });
    if (!step) co_return std::unexpected(step.error());
    expired += *step;
    if (*step < expire_step) co_return expired;
  }
}

}  // namespace

Result<std::unique_ptr<Vault>> open_vault(VaultOptions options, Logger& log, Metrics& metrics) {
  auto vault = std::make_unique<SqliteVault>(options, log, metrics);
  if (auto opened = vault->open(); !opened) {
    return fail(opened.error().kind,
                fmt::format("{}: {}. Where the file is damaged, move it away: an empty quarantine is "
                            "made in its place",
                            options.path, opened.error().text));
  }
  return vault;
}

}  // namespace mailreeve::store::sqlite
