// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/schema.h"
#include "store/sqlite/vault_tables.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr int vault_version = 1;
constexpr int application_id = 0x4d525656;  // "MRVV", as file(1) shows it

// Texts that can be searched lie apart from the rows that lists show. `_` belongs to words, so that a finding's code
// can be one.
constexpr const char* tables = R"(
CREATE TABLE held(
  key INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  transaction_id BLOB NOT NULL,
  time INTEGER NOT NULL,        -- milliseconds since 1970, like every time here
  kind INTEGER NOT NULL,
  open INTEGER NOT NULL,        -- somebody may still decide about it
  sender TEXT,                  -- NULL: the null reverse-path
  client BLOB NOT NULL,
  helo TEXT NOT NULL,
  listener TEXT NOT NULL,
  body_type INTEGER NOT NULL,
  smtputf8 INTEGER NOT NULL,
  ret INTEGER NOT NULL,
  envid TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  shown_from TEXT NOT NULL,
  from_proven INTEGER NOT NULL,
  subject TEXT NOT NULL,
  policy TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  why TEXT NOT NULL,
  score INTEGER NOT NULL,       -- thousandths
  findings TEXT NOT NULL,
  attachments TEXT NOT NULL,
  has_body INTEGER NOT NULL,
  damaged INTEGER NOT NULL);
CREATE UNIQUE INDEX held_id ON held(id);
CREATE INDEX held_transaction ON held(transaction_id);
CREATE INDEX held_time ON held(time);
CREATE INDEX held_refused ON held(key) WHERE kind = 1 AND has_body = 1;
CREATE INDEX held_kind ON held(kind, open, key);
CREATE TABLE held_recipient(
  message INTEGER NOT NULL,
  number INTEGER NOT NULL,
  address TEXT NOT NULL,
  owner TEXT NOT NULL,          -- owner_key of the address
  notify INTEGER NOT NULL,
  orcpt TEXT NOT NULL,
  destination TEXT NOT NULL,
  state INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  by TEXT NOT NULL,
  release BLOB,                 -- while on its way to the queue: under which id
  PRIMARY KEY(message, number)) WITHOUT ROWID;
CREATE INDEX held_recipient_owner ON held_recipient(owner, message);
CREATE INDEX held_recipient_asked ON held_recipient(message) WHERE state = 1;
CREATE INDEX held_recipient_release ON held_recipient(release) WHERE state = 2;
CREATE INDEX held_recipient_released ON held_recipient(changed) WHERE state = 3;
CREATE TABLE held_text(key INTEGER PRIMARY KEY, subject TEXT NOT NULL, people TEXT NOT NULL, recipients TEXT NOT NULL,
  body TEXT NOT NULL, findings TEXT NOT NULL);
CREATE VIRTUAL TABLE held_fts USING fts5(subject, people, recipients, body, findings, content='held_text',
  content_rowid='key', tokenize="unicode61 remove_diacritics 2 tokenchars '_'", prefix='3');
CREATE TABLE chunk(key INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE arriving(key INTEGER PRIMARY KEY);  -- large bodies whose message is not there yet
CREATE TABLE held_totals(key INTEGER PRIMARY KEY, held INTEGER NOT NULL, refused INTEGER NOT NULL,
  asked INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO held_totals VALUES(1, 0, 0, 0, 0);
)";

}  // namespace

Result<void> prepare_vault(Database& database) {
  if (database.failed()) return database.status();
  database.execute(
      "PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA secure_delete=OFF; PRAGMA foreign_keys=OFF; "
      "PRAGMA temp_store=MEMORY;"
      "PRAGMA cache_size=-32768; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
      "PRAGMA journal_size_limit=67108864;");
  return create_or_check(database, {"quarantine", application_id, vault_version, tables});
}

}  // namespace mailreeve::store::sqlite
