// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/history_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/history_reads.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr double score_unit = 1000.0;
constexpr std::int64_t verdict_hours_millis = 400 * day_millis;
constexpr std::int64_t finding_hours_millis = 8 * day_millis;

// The index of words has no copy of the text: what leaves it is told with the words it came with. An index of
// beginnings would double what a record costs, and a search for `e*` among a million is a tenth of a second without.
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
    " PRIMARY KEY(code, history)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS history_further(id BLOB PRIMARY KEY, history INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS history_further_of ON history_further(history);"
    "CREATE TABLE IF NOT EXISTS history_delivery(message BLOB NOT NULL, time INTEGER NOT NULL, recipient TEXT NOT NULL,"
    " outcome TEXT NOT NULL, reply TEXT NOT NULL, PRIMARY KEY(message, time, recipient)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS history_tally(kind INTEGER NOT NULL, start INTEGER NOT NULL, name TEXT NOT NULL,"
    " count INTEGER NOT NULL, PRIMARY KEY(kind, start, name)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS history_fact(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE VIRTUAL TABLE IF NOT EXISTS history_text USING fts5(sender, recipients, helo, client, reply, decided_by,"
    " findings, id, verdict, content='', columnsize=0, tokenize='unicode61');"
    "INSERT OR IGNORE INTO history_fact SELECT 'indexed from', coalesce(max(key), 0) + 1 FROM history;";

/// What an id made at `time` begins with.
std::string first_id_of(WallTime time) {
  const auto millis = static_cast<std::uint64_t>(to_millis(time));
  std::string bytes(16, '\0');
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<char>(millis >> (40 - 8 * i));
  return bytes;
}

std::int64_t start_of(WallTime time, std::int64_t length) {
  const auto millis = to_millis(time);
  return millis - millis % length;
}

}  // namespace

std::string joined_lines(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, "\n")); }

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

void HistoryTables::create() {
  database_.execute(tables);
  Statement from{database_, "SELECT value FROM history_fact WHERE name = 'indexed from'"};
  if (from.row()) indexed_from_ = from.integer(0);
  from.reset();
}

void HistoryTables::insert(const HistoryRecord& record) {
  const auto client = address_bytes(record.client);
  const auto recipients = joined_lines(record.recipients);
  const auto findings = joined_lines(record.findings);
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
  if (database_.failed() || database_.changes() == 0) return;
  const auto key = sqlite3_last_insert_rowid(database_.handle());
  for (const auto& code : record.findings) finding_.bind_text(1, code).bind(2, key).run();
  for (const auto& id : record.further) further_.bind_blob(1, id.bytes()).bind(2, key).run();
  index(key, record, false);
  count(TallyKind::verdict_minute, start_of(record.time, minute_millis), record.verdict);
  count(TallyKind::verdict_hour, start_of(record.time, hour_millis), record.verdict);
  for (std::size_t i = 0; i < record.findings.size(); ++i) {
    const auto& code = record.findings[i];
    const auto earlier = record.findings.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(record.findings.begin(), earlier, code) != earlier) continue;
    count(TallyKind::finding_slot, start_of(record.time, slot_millis), code);
    count(TallyKind::finding_hour, start_of(record.time, hour_millis), code);
  }
}

void HistoryTables::index(std::int64_t key, const HistoryRecord& record, bool remove) {
  const auto recipients = joined_lines(record.recipients);
  const auto findings = joined_lines(record.findings);
  const auto client = record.client.text();
  const auto id = record.id.text();
  auto& statement = remove ? unindex_ : index_;
  statement.bind(1, key)
      .bind_text(2, record.sender)
      .bind_text(3, recipients)
      .bind_text(4, record.helo)
      .bind_text(5, client)
      .bind_text(6, record.reply)
      .bind_text(7, record.decided_by)
      .bind_text(8, findings)
      .bind_text(9, id)
      .bind_text(10, record.verdict)
      .run();
}

void HistoryTables::insert(const Delivery& delivery) {
  delivery_.bind_blob(1, delivery.message.bytes())
      .bind(2, to_millis(delivery.time))
      .bind_text(3, delivery.recipient)
      .bind_text(4, delivery.outcome)
      .bind_text(5, delivery.reply)
      .run();
}

void HistoryTables::count(TallyKind kind, std::int64_t start, const std::string& name) {
  ++counted_[Slot{kind, start, name}];
}

void HistoryTables::write_tallies() {
  for (const auto& [slot, count] : counted_) {
    tally_.bind(1, static_cast<int>(slot.kind)).bind(2, slot.start).bind_text(3, slot.name).bind(4, count).run();
  }
  counted_.clear();
}

std::int64_t HistoryTables::remove_some(WallTime time, std::int64_t limit) {
  {
    const auto sql = fmt::format("SELECT {}, h.key FROM history h WHERE h.time < ?1 ORDER BY h.time, h.key LIMIT ?2",
                                 history_columns);
    Statement old{database_, sql.c_str()};
    old.bind(1, to_millis(time)).bind(2, limit);
    while (old.row()) {
      const auto key = old.integer(13);
      if (key >= indexed_from_) index(key, history_record_of(old), true);
    }
  }
#define MAILREEVE_OLD "(SELECT key FROM history WHERE time < ?1 ORDER BY time, key LIMIT ?2)"
  for (const auto* sql : {"DELETE FROM history_finding WHERE history IN " MAILREEVE_OLD,
                          "DELETE FROM history_further WHERE history IN " MAILREEVE_OLD,
                          "DELETE FROM history WHERE key IN " MAILREEVE_OLD}) {
    Statement removal{database_, sql};
    removal.bind(1, to_millis(time)).bind(2, limit).run();
  }
#undef MAILREEVE_OLD
  return database_.changes();
}

void HistoryTables::remove_rest(WallTime time, WallTime now) {
  Statement deliveries{database_, "DELETE FROM history_delivery WHERE message < ?1"};
  const auto first = first_id_of(time);
  deliveries.bind_blob(1, first).run();
  Statement tallies{database_, "DELETE FROM history_tally WHERE kind = ?1 AND start < ?2"};
  const std::pair<TallyKind, std::int64_t> kept[] = {{TallyKind::verdict_minute, fine_millis},
                                                     {TallyKind::finding_slot, fine_millis},
                                                     {TallyKind::verdict_hour, verdict_hours_millis},
                                                     {TallyKind::finding_hour, finding_hours_millis}};
  for (const auto& [kind, length] : kept) {
    tallies.bind(1, static_cast<int>(kind)).bind(2, to_millis(now) - length).run();
  }
}

}  // namespace mailreeve::store::sqlite
