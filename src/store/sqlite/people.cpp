// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/people.h"

#include "store/sqlite/group_writer.h"
#include "store/sqlite/people_tables.h"
#include "store/sqlite/reader.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr auto use_granularity = std::chrono::minutes{1};

class PeopleWriter final : public GroupWriter {
 public:
  PeopleWriter(const std::string& path, Logger& log, WriterMeters& meters) : GroupWriter{{.path = path}, log, meters} {}
  ~PeopleWriter() override { finish(); }

  /// Runs `work(database)`, whose own error is the caller's mistake.
  template <class T, class Work>
  Task<Result<T>> change(Work work) {
    auto done = co_await run<Result<T>>(Urgency::now, 1024,
                                        [this, work = std::move(work)]() -> Result<T> { return work(*database_); });
    if (!done) co_return fail(done);
    co_return std::move(*done);
  }
  template <class Work>
  void change_later(Work work) {
    run_later([this, work = std::move(work)] {
      work(*database_);
      return 0;
    });
  }

 private:
  Result<void> prepare(Database& database) override {
    database_ = &database;
    return prepare_people(database);
  }
  void let_go() override { database_ = nullptr; }

  Database* database_ = nullptr;
};

template <class T>
using Rows = Result<std::vector<T>>;

class SqliteAccounts final : public Accounts {
 public:
  SqliteAccounts(PeopleWriter& writer, ReaderThread& reader) : writer_{writer}, reader_{reader} {}

  Task<Rows<User>> users() override {
    return reader_.submit<std::vector<User>>([](Database& database) { return read_users(database); });
  }
  Task<Result<std::optional<User>>> user(std::string name) override {
    return reader_.submit<std::optional<User>>(
        [name = std::move(name)](Database& database) { return read_user(database, name); });
  }
  Task<Result<void>> add_user(User user) override {
    return writer_.change<void>([user = std::move(user)](Database& database) { return insert_user(database, user); });
  }
  Task<Result<void>> add_first_user(User user, std::string setup_hash, WallTime now) override {
    return writer_.change<void>([user = std::move(user), setup_hash = std::move(setup_hash), now](Database& database) {
      return insert_first_user(database, user, setup_hash, now);
    });
  }
  Task<Result<User>> change_user(std::string name, UserChange change, std::int64_t keep_session) override {
    return writer_.change<User>([name = std::move(name), change = std::move(change), keep_session](Database& database) {
      return update_user(database, name, change, keep_session);
    });
  }
  Task<Result<void>> remove_user(std::string name) override {
    return writer_.change<void>([name = std::move(name)](Database& database) { return delete_user(database, name); });
  }
  Task<Result<void>> signed_in(std::string name, WallTime now) override {
    return writer_.change<void>([name = std::move(name), now](Database& database) -> Result<void> {
      Statement statement{database, "UPDATE user SET last_sign_in = ?2 WHERE name = ?1"};
      statement.bind_text(1, name).bind(2, to_millis(now)).run();
      return {};
    });
  }

  Task<Rows<ApiToken>> tokens() override {
    return reader_.submit<std::vector<ApiToken>>([](Database& database) { return read_tokens(database); });
  }
  Task<Result<void>> add_token(ApiToken token) override {
    return writer_.change<void>(
        [token = std::move(token)](Database& database) { return insert_token(database, token); });
  }
  Task<Result<ApiToken>> revoke_token(std::string id) override {
    return writer_.change<ApiToken>(
        [id = std::move(id)](Database& database) { return sqlite::revoke_token(database, id); });
  }
  Task<Result<std::optional<TokenHolder>>> token(std::string secret_hash, WallTime now) override {
    auto found = co_await reader_.submit<std::optional<TokenHolder>>(
        [secret_hash, now](Database& database) { return find_token(database, secret_hash, now); });
    if (found && *found) {
      const auto& used = (*found)->token.last_used;
      if (!used || now - *used >= use_granularity) note_use((*found)->token.id, now);
    }
    co_return found;
  }

  Task<Result<std::int64_t>> add_session(Session session) override {
    return writer_.change<std::int64_t>(
        [session = std::move(session)](Database& database) { return insert_session(database, session); });
  }
  Task<Result<std::optional<SessionHolder>>> session(std::string secret_hash) override {
    return reader_.submit<std::optional<SessionHolder>>(
        [secret_hash = std::move(secret_hash)](Database& database) { return find_session(database, secret_hash); });
  }
  void session_seen(std::int64_t key, WallTime now) override {
    writer_.change_later([key, now](Database& database) {
      Statement statement{database, "UPDATE session SET seen = max(seen, ?2) WHERE key = ?1"};
      statement.bind(1, key).bind(2, to_millis(now)).run();
    });
  }
  Task<Result<bool>> rotate_session(std::int64_t key, std::string old_hash, std::string new_hash, WallTime now,
                                    WallTime old_until) override {
    return writer_.change<bool>(
        [key, old_hash = std::move(old_hash), new_hash = std::move(new_hash), now, old_until](Database& database) {
          return sqlite::rotate_session(database, key, old_hash, new_hash, now, old_until);
        });
  }
  Task<Result<void>> end_session(std::int64_t key) override {
    return writer_.change<void>([key](Database& database) -> Result<void> {
      Statement statement{database, "DELETE FROM session WHERE key = ?1"};
      statement.bind(1, key).run();
      return {};
    });
  }
  Task<Result<void>> end_sessions(SessionKind kind, std::string subject) override {
    return writer_.change<void>([kind, subject = std::move(subject)](Database& database) -> Result<void> {
      Statement statement{database, "DELETE FROM session WHERE kind = ?1 AND subject = ?2"};
      statement.bind(1, kind == SessionKind::user ? 0 : 1).bind_text(2, subject).run();
      return {};
    });
  }

  Task<Result<void>> add_secret(OneTimeSecret secret) override {
    return writer_.change<void>([secret = std::move(secret)](Database& database) -> Result<void> {
      insert_secret(database, secret);
      return {};
    });
  }
  Task<Result<std::optional<std::string>>> redeem(std::string secret_hash, std::string purpose, WallTime now) override {
    return writer_.change<std::optional<std::string>>(
        [secret_hash = std::move(secret_hash), purpose = std::move(purpose), now](Database& database) {
          return redeem_secret(database, secret_hash, purpose, now);
        });
  }

  Task<Result<void>> sweep(WallTime now, WallTime seen, WallTime begun) override {
    return writer_.change<void>([now, seen, begun](Database& database) -> Result<void> {
      sweep_people(database, now, seen, begun);
      return {};
    });
  }

 private:
  void note_use(std::string id, WallTime now) {
    writer_.change_later([id = std::move(id), now](Database& database) {
      Statement statement{database, "UPDATE token SET last_used = ?2 WHERE id = ?1"};
      statement.bind_text(1, id).bind(2, to_millis(now)).run();
    });
  }

  PeopleWriter& writer_;
  ReaderThread& reader_;
};

class SqliteAudit final : public Audit {
 public:
  SqliteAudit(PeopleWriter& writer, ReaderThread& reader) : writer_{writer}, reader_{reader} {}

  Task<Result<void>> add(std::vector<AuditEntry> entries) override {
    return writer_.change<void>([entries = std::move(entries)](Database& database) -> Result<void> {
      for (const auto& entry : entries) insert_audit(database, entry);
      return {};
    });
  }
  Task<Rows<AuditEntry>> search(AuditFilter filter) override {
    return reader_.submit<std::vector<AuditEntry>>(
        [filter = std::move(filter)](Database& database) { return read_audit(database, filter); });
  }
  Task<Result<std::uint64_t>> expire(WallTime before) override {
    std::uint64_t total = 0;
    while (true) {
      auto step = co_await writer_.change<std::uint64_t>(
          [before](Database& database) { return expire_audit(database, before); });
      if (!step) co_return step;
      if (*step == 0) co_return total;
      total += *step;
    }
  }

 private:
  PeopleWriter& writer_;
  ReaderThread& reader_;
};

class SqlitePeople final : public People {
 public:
  SqlitePeople(const std::string& path, Logger& log, Metrics& metrics)
      : meters_{metrics}, writer_{path, log, meters_}, path_{path} {}

  Result<void> open() {
    auto opened = writer_.open();
    if (!opened) return opened;
    reader_ = std::make_unique<ReaderThread>(path_, std::string{});
    opened = reader_->open();
    if (!opened) return opened;
    accounts_ = std::make_unique<SqliteAccounts>(writer_, *reader_);
    audit_ = std::make_unique<SqliteAudit>(writer_, *reader_);
    writer_.start();
    return {};
  }
  Accounts& accounts() override { return *accounts_; }
  Audit& audit() override { return *audit_; }

 private:
  WriterMeters meters_;
  PeopleWriter writer_;
  std::string path_;
  std::unique_ptr<ReaderThread> reader_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Audit> audit_;
};

}  // namespace

Result<std::unique_ptr<People>> open_people(const std::string& path, Logger& log, Metrics& metrics) {
  auto people = std::make_unique<SqlitePeople>(path, log, metrics);
  auto opened = people->open();
  if (!opened) return fail(opened);
  return people;
}

}  // namespace mailreeve::store::sqlite
