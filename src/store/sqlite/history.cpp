// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/history.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <thread>

#include "store/sqlite/database.h"
#include "store/sqlite/reader.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr std::size_t waiting_limit = 20'000;  // records; beyond them history is dropped rather than mail held up
constexpr std::size_t group_limit = 2'000;
constexpr std::size_t detail_limit = 64U << 10;
constexpr std::int64_t expire_step = 2'000;
constexpr auto group_wait = std::chrono::milliseconds{100};
constexpr double score_unit = 1000.0;

constexpr const char* tables =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=OFF;"
    "CREATE TABLE IF NOT EXISTS history(key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, time INTEGER NOT NULL,"
    " kind TEXT NOT NULL, client BLOB NOT NULL, helo TEXT NOT NULL, listener TEXT NOT NULL,"
    " sender TEXT NOT NULL COLLATE NOCASE, recipients TEXT NOT NULL, verdict TEXT NOT NULL, reply TEXT NOT NULL,"
    " decided_by TEXT NOT NULL, score INTEGER NOT NULL, findings TEXT NOT NULL, detail TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS history_time ON history(time);"
    "CREATE INDEX IF NOT EXISTS history_client ON history(client);"
    "CREATE INDEX IF NOT EXISTS history_verdict ON history(verdict, key);"
    "CREATE TABLE IF NOT EXISTS history_finding(code TEXT NOT NULL, history INTEGER NOT NULL,"
    " PRIMARY KEY(code, history)) WITHOUT ROWID;";

std::string joined(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, "\n")); }

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find('\n');
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::string address_bytes(const IpAddress& address) {
  return {reinterpret_cast<const char*>(address.data()), address.bits() / 8};
}

/// The last address of a network, as octets.
std::string last_of(const IpNetwork& network) {
  auto bytes = address_bytes(network.address());
  for (unsigned bit = network.prefix(); bit < network.address().bits(); ++bit) {
    bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) | (0x80U >> (bit % 8)));
  }
  return bytes;
}

/// What may stand in a LIKE pattern, taken literally.
std::string like(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

constexpr const char* columns =
    "h.id, h.time, h.kind, h.client, h.helo, h.listener, h.sender, h.recipients, h.verdict, h.reply, h.decided_by, "
    "h.score, h.findings";

HistoryRecord record_of(const Statement& row) {
  HistoryRecord record;
  record.id = MessageId::from_bytes(row.bytes(0)).value_or(MessageId{});
  record.time = from_millis(row.integer(1));
  record.kind = row.bytes(2);
  const auto client = row.bytes(3);
  if (client.size() == 4 || client.size() == 16) {
    record.client = IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(client.data()), client.size());
  }
  record.helo = row.bytes(4);
  record.listener = row.bytes(5);
  record.sender = row.bytes(6);
  record.recipients = split_lines(row.bytes(7));
  record.verdict = row.bytes(8);
  record.reply = row.bytes(9);
  record.decided_by = row.bytes(10);
  record.score = static_cast<double>(row.integer(11)) / score_unit;
  record.findings = split_lines(row.bytes(12));
  return record;
}

Result<std::vector<HistoryRecord>> search_in(Database& database, const HistoryFilter& filter) {
  std::string sql = fmt::format("SELECT {} FROM history h WHERE 1", columns);
  struct Value {
    std::string bytes;
    bool is_blob;
  };
  std::vector<Value> values;
  const auto add = [&](std::string_view condition, std::string value, bool is_blob = false) {
    values.push_back({std::move(value), is_blob});
    sql += fmt::format(fmt::runtime(condition), fmt::arg("n", values.size()));
  };
  if (filter.client) {
    if (filter.client->prefix() == filter.client->address().bits()) {
      add(" AND h.client = ?{n}", address_bytes(filter.client->address()), true);
    } else {
      add(" AND h.client >= ?{n}", address_bytes(filter.client->address()), true);
      add(" AND h.client <= ?{n} AND length(h.client) = length(?{n})", last_of(*filter.client), true);
    }
  }
  if (!filter.verdict.empty()) add(" AND h.verdict = ?{n}", filter.verdict);
  if (!filter.finding.empty()) {
    add(" AND h.key IN (SELECT history FROM history_finding WHERE code = ?{n} OR (code > ?{n} || '.' AND code < ?{n} "
        "|| "
        "'/'))",
        filter.finding);
  }
  if (!filter.from.empty()) add(" AND h.sender LIKE ?{n} ESCAPE '\\'", like(filter.from));
  if (!filter.to.empty()) add(" AND h.recipients LIKE ?{n} ESCAPE '\\'", like(filter.to));
  if (filter.since) sql += fmt::format(" AND h.time >= {}", to_millis(*filter.since));
  if (filter.until) sql += fmt::format(" AND h.time <= {}", to_millis(*filter.until));
  if (filter.before) {
    add(" AND h.key < (SELECT key FROM history WHERE id = ?{n})", std::string{filter.before->bytes()}, true);
  }
  sql += fmt::format(" ORDER BY h.key DESC LIMIT {}", std::min<std::size_t>(filter.limit, 1000));
  std::vector<HistoryRecord> records;
  Statement statement{database, sql.c_str()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<int>(i + 1);
    if (values[i].is_blob) {
      statement.bind_blob(at, values[i].bytes);
    } else {
      statement.bind_text(at, values[i].bytes);
    }
  }
  while (statement.row()) records.push_back(record_of(statement));
  if (database.failed()) {
    auto status = database.status();
    database.clear_error();
    return fail(status);
  }
  return records;
}

constexpr std::size_t id_letters = 26;  // of a whole MessageId

Result<std::optional<HistoryRecord>> show_in(Database& database, const std::string& id) {
  std::optional<HistoryRecord> found;
  const auto sql = fmt::format("SELECT {}, h.detail FROM history h WHERE h.id BETWEEN ?1 AND ?2 LIMIT 2", columns);
  const auto missing = id.size() < id_letters ? id_letters - id.size() : 0;
  const auto first = MessageId::parse(id + std::string(missing, '0'));
  const auto last = MessageId::parse(id + std::string(missing, 'Z'));
  if (first && last && !id.empty()) {
    Statement statement{database, sql.c_str()};
    statement.bind_blob(1, first->bytes());
    statement.bind_blob(2, last->bytes());
    if (statement.row()) {
      found = record_of(statement);
      found->detail = statement.bytes(13);
      if (statement.row()) found.reset();
    }
    statement.reset();
  }
  if (database.failed()) {
    auto status = database.status();
    database.clear_error();
    return fail(status);
  }
  return found;
}

class SqliteHistory final : public History {
 public:
  SqliteHistory(const std::string& path, Logger& log, Metrics& metrics)
      : log_{log},
        dropped_{metrics.counter("mailreeve_history_dropped_total", "History records that found no room")},
        path_{path},
        database_{path, {}, Database::Access::write} {}

  ~SqliteHistory() override {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> open() {
    database_.execute(tables);
    if (database_.failed()) return database_.status();
    reader_ = std::make_unique<ReaderThread>(path_, std::string{});  // the file is there only now
    auto opened = reader_->open();
    if (!opened) return opened;
    thread_ = std::thread{[this] { serve(); }};
    return {};
  }

  void post(HistoryRecord record) override {
    {
      std::lock_guard lock{mutex_};
      if (waiting_.size() < waiting_limit) {
        waiting_.push_back(std::move(record));
        if (waiting_.size() == group_limit) wake_.notify_one();
        return;
      }
    }
    dropped_.add();
  }

  Task<Result<std::vector<HistoryRecord>>> search(HistoryFilter filter) override {
    auto found = co_await reader_->submit<std::vector<HistoryRecord>>(
        [filter](Database& database) { return search_in(database, filter); });
    co_return found;
  }

  Task<Result<std::optional<HistoryRecord>>> show(std::string id) override {
    auto found = co_await reader_->submit<std::optional<HistoryRecord>>(
        [id](Database& database) { return show_in(database, id); });
    co_return found;
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

  void serve() {
    while (true) {
      std::deque<HistoryRecord> group;
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
      if (!group.empty()) write(group);
      for (auto& expiry : expiries) expiry.done(remove(expiry.before));
      for (const auto& done : flushes) done(true);
      if (last) return;
    }
  }

  void write(std::deque<HistoryRecord>& group) {
    database_.execute("BEGIN IMMEDIATE");
    for (auto& record : group) {
      if (record.make_detail) record.detail = record.make_detail();
      if (record.detail.size() > detail_limit) record.detail = "{}";
      insert(record);
    }
    database_.execute("COMMIT");
    end_transaction("history could not be written");
  }

  void insert(const HistoryRecord& record) {
    const auto client = address_bytes(record.client);
    const auto recipients = joined(record.recipients);
    const auto findings = joined(record.findings);
    insert_.bind_blob(1, record.id.bytes())
        .bind(2, to_millis(record.time))
        .bind_text(3, record.kind)
        .bind_blob(4, client)
        .bind_text(5, record.helo)
        .bind_text(6, record.listener)
        .bind_text(7, record.sender)
        .bind_text(8, recipients)
        .bind_text(9, record.verdict)
        .bind_text(10, record.reply)
        .bind_text(11, record.decided_by)
        .bind(12, static_cast<std::int64_t>(record.score * score_unit))
        .bind_text(13, findings)
        .bind_text(14, record.detail)
        .run();
    const auto key = sqlite3_last_insert_rowid(database_.handle());
    for (const auto& code : record.findings) finding_.bind_text(1, code).bind(2, key).run();
  }

  Result<std::uint64_t> remove(WallTime before) {
    std::uint64_t removed = 0;
    while (true) {
      database_.execute("BEGIN IMMEDIATE");
      {
        Statement findings{
            database_,
            "DELETE FROM history_finding WHERE history IN (SELECT key FROM history WHERE time < ?1 ORDER "
            "BY time LIMIT ?2)"};
        findings.bind(1, to_millis(before)).bind(2, expire_step).run();
        Statement rows{
            database_,
            "DELETE FROM history WHERE key IN (SELECT key FROM history WHERE time < ?1 ORDER BY time LIMIT ?2)"};
        rows.bind(1, to_millis(before)).bind(2, expire_step).run();
      }
      const auto changed = database_.changes();
      database_.execute("COMMIT");
      if (database_.failed()) {
        auto status = database_.status();
        end_transaction("history could not be expired");
        return fail(status);
      }
      removed += static_cast<std::uint64_t>(changed);
      if (changed < expire_step) return removed;
    }
  }

  void end_transaction(std::string_view what) {
    const bool failed = database_.failed();
    if (failed && !told_) log_.error("history", {{"error", database_.status().error().text}, {"what", what}});
    told_ = failed;
    database_.clear_error();
    if (!database_.idle()) database_.execute("ROLLBACK");
    database_.clear_error();
  }

  Logger& log_;
  Counter dropped_;
  std::string path_;
  std::unique_ptr<ReaderThread> reader_;
  Database database_;
  Statement insert_{
      database_,
      "INSERT OR IGNORE INTO history(id, time, kind, client, helo, listener, sender, recipients, verdict, "
      "reply, decided_by, score, findings, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
      "?12, ?13, ?14)"};
  Statement finding_{database_, "INSERT OR IGNORE INTO history_finding VALUES(?1, ?2)"};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<HistoryRecord> waiting_;
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
