// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/people_tables.h"

#include <fmt/format.h>

#include "store/sqlite/schema.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr int application_id = 0x4d525650;  // "MRVP"
constexpr std::int64_t tokens_an_owner = 100;
constexpr std::int64_t days_90 = std::int64_t{90} * 24 * 3600 * 1000;

// Times are milliseconds since 1970. AUTOINCREMENT: a key never comes back, so that no old session gets a new one's.
constexpr const char* tables = R"(
CREATE TABLE user(
  name TEXT PRIMARY KEY,
  role INTEGER NOT NULL,
  created INTEGER NOT NULL,
  last_sign_in INTEGER,
  disabled INTEGER NOT NULL,
  password_hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE token(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  secret_hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,         -- a name a line
  created INTEGER NOT NULL,
  last_used INTEGER,
  expires INTEGER,
  revoked INTEGER);             -- when
CREATE TABLE session(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  secret_hash BLOB NOT NULL UNIQUE,
  old_hash BLOB,
  old_until INTEGER,
  kind INTEGER NOT NULL,
  subject TEXT NOT NULL,
  csrf TEXT NOT NULL,
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  rotated INTEGER NOT NULL);
CREATE INDEX session_old ON session(old_hash) WHERE old_hash IS NOT NULL;
CREATE INDEX session_subject ON session(subject);
CREATE TABLE secret(
  secret_hash BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  subject TEXT NOT NULL,
  expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE audit(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  who TEXT NOT NULL,
  client TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE INDEX audit_time ON audit(time);
CREATE INDEX audit_object ON audit(object, key);
CREATE INDEX audit_who ON audit(who, key);
)";

constexpr FileKind kind{"file of accounts", application_id, 1, tables};

std::string joined(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<WallTime> time_of(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return from_millis(row.integer(column));
}

Role role_of(std::int64_t number) { return number >= 0 && number <= 2 ? static_cast<Role>(number) : Role::viewer; }

#define MAILREEVE_USER_COLUMNS "name, role, created, last_sign_in, disabled, password_hash"

User user_of(const Statement& row) {
  User user;
  user.name = row.bytes(0);
  user.role = role_of(row.integer(1));
  user.created = from_millis(row.integer(2));
  user.last_sign_in = time_of(row, 3);
  user.disabled = row.integer(4) != 0;
  user.password_hash = row.bytes(5);
  return user;
}

#define MAILREEVE_TOKEN_COLUMNS "t.id, t.name, t.owner, t.scopes, t.created, t.last_used, t.expires, t.revoked"

ApiToken token_of(const Statement& row) {
  ApiToken token;
  token.id = row.bytes(0);
  token.name = row.bytes(1);
  token.owner = row.bytes(2);
  token.scopes = split(row.bytes(3));
  token.created = from_millis(row.integer(4));
  token.last_used = time_of(row, 5);
  token.expires = time_of(row, 6);
  token.revoked = !row.is_null(7);
  return token;
}

std::int64_t count(Database& database, const char* sql, std::string_view text) {
  Statement statement{database, sql};
  statement.bind_text(1, text);
  return statement.row() ? statement.integer(0) : 0;
}

bool is_last_admin(Database& database, const User& user) {
  if (user.role != Role::admin || user.disabled) return false;
  return count(database, "SELECT count(*) FROM user WHERE role = 2 AND disabled = 0 AND name <> ?1", user.name) == 0;
}

std::unexpected<Error> no_admin(const User& user) {
  return fail(ErrorKind::refused,
              fmt::format("{} is the last admin who can sign in; make somebody else one first", user.name));
}

std::unexpected<Error> no_user(std::string_view name) {
  return fail(ErrorKind::not_found, fmt::format("there is no account {}", name));
}

void end_rights(Database& database, std::string_view user, std::int64_t keep_session) {
  Statement sessions{database, "DELETE FROM session WHERE kind = 0 AND subject = ?1 AND key <> ?2"};
  sessions.bind_text(1, user).bind(2, keep_session).run();
  Statement tokens{database, "UPDATE token SET revoked = unixepoch() * 1000 WHERE owner = ?1 AND revoked IS NULL"};
  tokens.bind_text(1, user).run();
}

}  // namespace

Result<void> prepare_people(Database& database) {
  if (database.failed()) return database.status();
  database.execute(
      "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "PRAGMA wal_autocheckpoint=0;");
  return create_or_check(database, kind);
}

std::vector<User> read_users(Database& database) {
  std::vector<User> users;
  Statement statement{database, "SELECT " MAILREEVE_USER_COLUMNS " FROM user ORDER BY name"};
  while (statement.row()) users.push_back(user_of(statement));
  return users;
}

std::optional<User> read_user(Database& database, std::string_view name) {
  Statement statement{database, "SELECT " MAILREEVE_USER_COLUMNS " FROM user WHERE name = ?1"};
  statement.bind_text(1, name);
  if (!statement.row()) return std::nullopt;
  return user_of(statement);
}

std::vector<ApiToken> read_tokens(Database& database) {
  std::vector<ApiToken> tokens;
  Statement statement{database, "SELECT " MAILREEVE_TOKEN_COLUMNS " FROM token t ORDER BY t.key DESC"};
  while (statement.row()) tokens.push_back(token_of(statement));
  return tokens;
}

std::optional<TokenHolder> find_token(Database& database, std::string_view secret_hash, WallTime now) {
  Statement statement{database, "SELECT " MAILREEVE_TOKEN_COLUMNS
                                ", u.role FROM token t JOIN user u ON u.name = t.owner WHERE t.secret_hash = ?1 AND "
                                "t.revoked IS NULL AND u.disabled = 0 AND (t.expires IS NULL OR t.expires > ?2)"};
  statement.bind_blob(1, secret_hash).bind(2, to_millis(now));
  if (!statement.row()) return std::nullopt;
  return TokenHolder{token_of(statement), role_of(statement.integer(8))};
}

std::optional<SessionHolder> find_session(Database& database, std::string_view secret_hash) {
  Statement statement{database,
                      "SELECT s.key, s.secret_hash, s.old_until, s.kind, s.subject, s.csrf, s.created, s.seen, "
                      "s.rotated, u.role, u.disabled FROM session s LEFT JOIN user u ON s.kind = 0 AND u.name = "
                      "s.subject WHERE s.secret_hash = ?1 OR s.old_hash = ?1"};
  statement.bind_blob(1, secret_hash);
  if (!statement.row()) return std::nullopt;
  SessionHolder holder;
  auto& session = holder.session;
  session.key = statement.integer(0);
  session.secret_hash = statement.bytes(1);
  if (session.secret_hash != secret_hash) holder.old_until = from_millis(statement.integer(2));
  session.kind = statement.integer(3) == 0 ? SessionKind::user : SessionKind::recipient;
  session.subject = statement.bytes(4);
  session.csrf = statement.bytes(5);
  session.created = from_millis(statement.integer(6));
  session.seen = from_millis(statement.integer(7));
  session.rotated = from_millis(statement.integer(8));
  if (session.kind == SessionKind::user) {
    if (statement.is_null(9) || statement.integer(10) != 0) return std::nullopt;
    holder.role = role_of(statement.integer(9));
  }
  return holder;
}

Result<void> insert_user(Database& database, const User& user) {
  if (read_user(database, user.name)) {
    return fail(ErrorKind::busy, fmt::format("there is an account {} already", user.name));
  }
  Statement statement{database, "INSERT INTO user(" MAILREEVE_USER_COLUMNS ") VALUES(?1, ?2, ?3, NULL, 0, ?4)"};
  statement.bind_text(1, user.name)
      .bind(2, static_cast<std::int64_t>(user.role))
      .bind(3, to_millis(user.created))
      .bind_text(4, user.password_hash)
      .run();
  return {};
}

Result<void> insert_first_user(Database& database, const User& user, std::string_view setup_hash, WallTime now) {
  if (!read_users(database).empty()) {
    return fail(ErrorKind::refused, "there is an account already; sign in, or ask its owner");
  }
  if (!redeem_secret(database, setup_hash, "setup", now)) {
    return fail(ErrorKind::refused,
                "this set-up link was used or is too old; `mailreeve user setup-link` prints a new one");
  }
  return insert_user(database, user);
}

Result<User> update_user(Database& database, std::string_view name, const UserChange& change,
                         std::int64_t keep_session) {
  auto user = read_user(database, name);
  if (!user) return no_user(name);
  auto changed = *user;
  if (change.role) changed.role = *change.role;
  if (change.disabled) changed.disabled = *change.disabled;
  if (change.password_hash) changed.password_hash = *change.password_hash;
  const bool stays_admin = changed.role == Role::admin && !changed.disabled;
  if (!stays_admin && is_last_admin(database, *user)) return no_admin(*user);
  Statement statement{database, "UPDATE user SET role = ?2, disabled = ?3, password_hash = ?4 WHERE name = ?1"};
  statement.bind_text(1, name)
      .bind(2, static_cast<std::int64_t>(changed.role))
      .bind(3, changed.disabled ? 1 : 0)
      .bind_text(4, changed.password_hash)
      .run();
  end_rights(database, name, keep_session);
  return changed;
}

Result<void> delete_user(Database& database, std::string_view name) {
  const auto user = read_user(database, name);
  if (!user) return no_user(name);
  if (is_last_admin(database, *user)) return no_admin(*user);
  end_rights(database, name, 0);
  Statement statement{database, "DELETE FROM user WHERE name = ?1"};
  statement.bind_text(1, name).run();
  return {};
}

Result<void> insert_token(Database& database, const ApiToken& token) {
  const auto owner = read_user(database, token.owner);
  if (!owner || owner->disabled) return no_user(token.owner);
  if (count(database, "SELECT count(*) FROM token WHERE owner = ?1 AND revoked IS NULL", token.owner) >=
      tokens_an_owner) {
    return fail(ErrorKind::full, fmt::format("{} has {} tokens already; revoke some", token.owner, tokens_an_owner));
  }
  const auto scopes = joined(token.scopes);
  Statement statement{database,
                      "INSERT INTO token(id, name, owner, secret_hash, scopes, created, expires) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
  statement.bind_text(1, token.id)
      .bind_text(2, token.name)
      .bind_text(3, token.owner)
      .bind_blob(4, token.secret_hash)
      .bind_text(5, scopes)
      .bind(6, to_millis(token.created));
  if (token.expires) {
    statement.bind(7, to_millis(*token.expires));
  } else {
    statement.bind_null(7);
  }
  statement.run();
  return {};
}

Result<ApiToken> revoke_token(Database& database, std::string_view id) {
  Statement update{database, "UPDATE token SET revoked = unixepoch() * 1000 WHERE id = ?1 AND revoked IS NULL"};
  update.bind_text(1, id).run();
  Statement read{database, "SELECT " MAILREEVE_TOKEN_COLUMNS " FROM token t WHERE t.id = ?1"};
  read.bind_text(1, id);
  if (!read.row()) return fail(ErrorKind::not_found, fmt::format("there is no token {}", id));
  return token_of(read);
}

std::int64_t insert_session(Database& database, const Session& session) {
  Statement statement{database,
                      "INSERT INTO session(secret_hash, kind, subject, csrf, created, seen, rotated) "
                      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
  statement.bind_blob(1, session.secret_hash)
      .bind(2, session.kind == SessionKind::user ? 0 : 1)
      .bind_text(3, session.subject)
      .bind_text(4, session.csrf)
      .bind(5, to_millis(session.created))
      .bind(6, to_millis(session.seen))
      .bind(7, to_millis(session.rotated))
      .run();
  return sqlite3_last_insert_rowid(database.handle());
}

bool rotate_session(Database& database, std::int64_t key, std::string_view old_hash, std::string_view new_hash,
                    WallTime now, WallTime old_until) {
  Statement statement{database,
                      "UPDATE session SET secret_hash = ?3, old_hash = ?2, old_until = ?5, rotated = ?4, seen = ?4 "
                      "WHERE key = ?1 AND secret_hash = ?2"};
  statement.bind(1, key)
      .bind_blob(2, old_hash)
      .bind_blob(3, new_hash)
      .bind(4, to_millis(now))
      .bind(5, to_millis(old_until))
      .run();
  return !database.failed() && database.changes() > 0;
}

void insert_secret(Database& database, const OneTimeSecret& secret) {
  Statement earlier{database, "DELETE FROM secret WHERE purpose = ?1 AND subject = ?2"};
  earlier.bind_text(1, secret.purpose).bind_text(2, secret.subject).run();
  Statement statement{database, "INSERT INTO secret(secret_hash, purpose, subject, expires) VALUES(?1, ?2, ?3, ?4)"};
  statement.bind_blob(1, secret.secret_hash)
      .bind_text(2, secret.purpose)
      .bind_text(3, secret.subject)
      .bind(4, to_millis(secret.expires))
      .run();
}

std::optional<std::string> redeem_secret(Database& database, std::string_view secret_hash, std::string_view purpose,
                                         WallTime now) {
  std::optional<std::string> subject;
  Statement statement{database,
                      "DELETE FROM secret WHERE secret_hash = ?1 AND purpose = ?2 AND expires > ?3 RETURNING subject"};
  statement.bind_blob(1, secret_hash).bind_text(2, purpose).bind(3, to_millis(now));
  while (statement.row()) subject = statement.bytes(0);
  return subject;
}

void sweep_people(Database& database, WallTime now, WallTime seen, WallTime begun) {
  Statement sessions{database, "DELETE FROM session WHERE seen < ?1 OR created < ?2"};
  sessions.bind(1, to_millis(seen)).bind(2, to_millis(begun)).run();
  Statement secrets{database, "DELETE FROM secret WHERE expires <= ?1"};
  secrets.bind(1, to_millis(now)).run();
  Statement tokens{database, "DELETE FROM token WHERE revoked < ?1 OR expires < ?1"};
  tokens.bind(1, to_millis(now) - days_90).run();
}

}  // namespace mailreeve::store::sqlite
