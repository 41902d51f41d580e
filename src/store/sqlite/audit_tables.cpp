// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/people_tables.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr std::size_t detail_limit = 4096;
constexpr std::size_t page_limit = 1000;
constexpr std::int64_t expire_step = 1000;

/// Not through the middle of a character.
std::string_view shortened(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

}  // namespace

void insert_audit(Database& database, const AuditEntry& entry) {
  Statement statement{database,
                      "INSERT INTO audit(time, who, client, action, object, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
  statement.bind(1, to_millis(entry.time))
      .bind_text(2, shortened(entry.who, detail_limit))
      .bind_text(3, entry.from)
      .bind_text(4, entry.action)
      .bind_text(5, shortened(entry.object, detail_limit))
      .bind_text(6, shortened(entry.detail, detail_limit))
      .run();
}

std::vector<AuditEntry> read_audit(Database& database, const AuditFilter& filter) {
  std::string sql = "SELECT key, time, who, client, action, object, detail FROM audit WHERE 1";
  std::vector<std::string_view> values;
  const auto add = [&](std::string_view value, std::string_view condition) {
    if (value.empty()) return;
    values.push_back(value);
    sql += fmt::format(fmt::runtime(condition), fmt::arg("n", values.size()));
  };
  add(filter.who, " AND who = ?{n}");
  add(filter.object, " AND object = ?{n}");
  add(filter.action, " AND (action = ?{n} OR (action > ?{n} || '.' AND action < ?{n} || '/'))");
  if (filter.since) sql += fmt::format(" AND time >= {}", to_millis(*filter.since));
  if (filter.until) sql += fmt::format(" AND time <= {}", to_millis(*filter.until));
  if (filter.before > 0) sql += fmt::format(" AND key < {}", filter.before);
  sql += fmt::format(" ORDER BY key DESC LIMIT {}", std::min(filter.limit, page_limit));
  std::vector<AuditEntry> entries;
  Statement statement{database, sql.c_str()};
  for (std::size_t i = 0; i < values.size(); ++i) statement.bind_text(static_cast<int>(i + 1), values[i]);
  while (statement.row()) {
    AuditEntry entry;
    entry.key = statement.integer(0);
    entry.time = from_millis(statement.integer(1));
    entry.who = statement.bytes(2);
    entry.from = statement.bytes(3);
    entry.action = statement.bytes(4);
    entry.object = statement.bytes(5);
    entry.detail = statement.bytes(6);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::uint64_t expire_audit(Database& database, WallTime before) {
  Statement statement{database, "DELETE FROM audit WHERE key IN (SELECT key FROM audit WHERE time < ?1 LIMIT ?2)"};
  statement.bind(1, to_millis(before)).bind(2, expire_step).run();
  return database.failed() ? 0 : static_cast<std::uint64_t>(database.changes());
}

}  // namespace mailreeve::store::sqlite
