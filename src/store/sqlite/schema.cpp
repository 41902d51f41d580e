// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/schema.h"

#include <fmt/format.h>

namespace mailreeve::store::sqlite {

namespace {

constexpr int application_id = 0x4d525651;  // "MRVQ", as file(1) shows it

// `body` comes last: reading the other columns of a row never touches its pages.
// A queued recipient is in exactly one of the partial indexes, and one that only waits for an operator in none.
constexpr const char* tables = R"(
CREATE TABLE message(
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  sender TEXT COLLATE NOCASE,   -- NULL: the null reverse-path
  client BLOB NOT NULL,
  helo TEXT NOT NULL,
  listener TEXT NOT NULL,
  body_type INTEGER NOT NULL,
  smtputf8 INTEGER NOT NULL,
  ret INTEGER NOT NULL,
  envid TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  accepted INTEGER NOT NULL,    -- milliseconds since 1970, like every time here
  damaged INTEGER NOT NULL,
  body BLOB);                   -- NULL: in chunk
CREATE UNIQUE INDEX message_id ON message(id);
CREATE TABLE recipient(
  message INTEGER NOT NULL,
  number INTEGER NOT NULL,
  address TEXT NOT NULL COLLATE NOCASE,
  notify INTEGER NOT NULL,
  orcpt TEXT NOT NULL,
  destination TEXT NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due INTEGER NOT NULL,
  reply TEXT NOT NULL,
  owner TEXT,                   -- NULL: nobody is delivering it
  lease INTEGER NOT NULL,
  wish INTEGER NOT NULL,        -- what an operator wants done when its delivery has reported
  PRIMARY KEY(message, number)) WITHOUT ROWID;
CREATE INDEX recipient_due ON recipient(destination, due) WHERE state = 0 AND owner IS NULL;
CREATE INDEX recipient_lease ON recipient(lease) WHERE owner IS NOT NULL;
CREATE TABLE chunk(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE totals(key INTEGER PRIMARY KEY, messages INTEGER NOT NULL, bytes INTEGER NOT NULL,
  queued INTEGER NOT NULL, held INTEGER NOT NULL, refused INTEGER NOT NULL, expired INTEGER NOT NULL);
INSERT INTO totals VALUES(1, 0, 0, 0, 0, 0, 0);
CREATE TABLE arrived(id BLOB PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;  -- taken once, whatever came after
)";

std::int64_t pragma(Database& database, const char* sql) {
  Statement statement{database, sql};
  return statement.row() ? statement.integer(0) : 0;
}

constexpr const char* to_version_2 = "CREATE TABLE arrived(id BLOB PRIMARY KEY, time INTEGER NOT NULL) WITHOUT ROWID;";

Result<void> run_script(Database& database, const char* script, const FileKind& kind) {
  database.execute("BEGIN IMMEDIATE");
  database.execute(script);
  database.execute(
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", kind.application_id, kind.version)
          .c_str());
  auto done = database.status();
  database.clear_error();
  if (!database.idle()) database.execute("ROLLBACK");
  return done;
}

}  // namespace

Result<void> create_or_check(Database& database, const FileKind& kind) {
  const auto version = pragma(database, "PRAGMA user_version");
  const auto application = pragma(database, "PRAGMA application_id");
  const auto objects = pragma(database, "SELECT count(*) FROM sqlite_schema");
  if (database.failed()) return database.status();
  if (objects == 0) return run_script(database, kind.tables, kind);
  if (application == kind.application_id && version > kind.version) {
    return fail(ErrorKind::invalid,
                fmt::format("the {} was written by a newer Mailreeve (schema {}, this one knows {}). "
                            "Start that version again",
                            kind.name, version, kind.version));
  }
  if (application == kind.application_id && version == kind.version) return {};
  if (application == kind.application_id && version + 1 == kind.version && kind.upgrade != nullptr) {
    return run_script(database, kind.upgrade, kind);
  }
  return fail(ErrorKind::invalid, fmt::format("the file is a database, but not a Mailreeve {}. Move it away or name "
                                              "another path",
                                              kind.name));
}

Result<void> prepare_writer(Database& database) {
  if (database.failed()) return database.status();
  // Pages of 8 KiB: measured best for mail of 4 KiB and of 50 KiB together (bench/store_bench).
  // Debian builds SQLite with secure_delete: every deleted body would be written once more, as zeroes.
  database.execute(
      "PRAGMA page_size=8192; PRAGMA secure_delete=OFF; PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY;"
      "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;");
  return create_or_check(database, {"queue", application_id, schema_version, tables, to_version_2});
}

Result<void> prepare_reader(Database& database) {
  database.execute("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2048;");
  // The first read opens the write-ahead log, which must stay open for as long as the writer may fail and come back.
  pragma(database, "SELECT count(*) FROM sqlite_schema");
  return database.status();
}

}  // namespace mailreeve::store::sqlite
