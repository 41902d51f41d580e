// SPDX-License-Identifier: Apache-2.0
// Recipients in a database. SQLite is the only engine yet; another one is another SqlSource.
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <mutex>

#include "base/offload.h"
#include "judge/directories.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

constexpr int busy_patience = 2000;  // milliseconds

/// A place that runs one query. Blocking; used by one thread.
class SqlSource {
 public:
  virtual ~SqlSource() = default;
  /// `values`: of ?1 (address), ?2 (user), ?3 (domain). Found: there is a row.
  virtual Directory::Answer ask(const std::string& query, const std::array<std::string, 3>& values) = 0;
};

class SqliteSource final : public SqlSource {
 public:
  explicit SqliteSource(std::string path) : path_{std::move(path)} {}
  ~SqliteSource() override { close(); }

  Directory::Answer ask(const std::string& query, const std::array<std::string, 3>& values) override {
    if (database_ == nullptr && !open()) return Directory::Answer::unavailable;
    sqlite3_stmt* statement = nullptr;
    auto answer = Directory::Answer::unavailable;
    if (sqlite3_prepare_v2(database_, query.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
      const auto parameters = sqlite3_bind_parameter_count(statement);
      for (int i = 0; i < parameters && i < static_cast<int>(values.size()); ++i) {
        const auto& value = values[static_cast<std::size_t>(i)];
        sqlite3_bind_text(statement, i + 1, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
      }
      const int step = sqlite3_step(statement);
      if (step == SQLITE_ROW) answer = Directory::Answer::found;
      if (step == SQLITE_DONE) answer = Directory::Answer::missing;
    }
    sqlite3_finalize(statement);
    if (answer == Directory::Answer::unavailable) close();  // the file may have been replaced: open it anew next time
    return answer;
  }

 private:
  bool open() {
    const int code = sqlite3_open_v2(path_.c_str(), &database_, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) close();
    if (database_ != nullptr) sqlite3_busy_timeout(database_, busy_patience);
    return database_ != nullptr;
  }
  void close() {
    sqlite3_close(database_);
    database_ = nullptr;
  }
  std::string path_;
  sqlite3* database_ = nullptr;
};

class SqlDirectory final : public Directory {
 public:
  SqlDirectory(std::unique_ptr<SqlSource> source, std::string query)
      : query_{std::move(query)}, source_{std::move(source)} {}

  Task<Answer> find(mail::Mailbox address) const override {
    const auto user = mail::lower(address.local());
    const auto domain = address.domain().text();
    std::array<std::string, 3> values{user + '@' + domain, user, domain};
    std::function<Answer()> work = [this, values] { return source_->ask(query_, values); };
    const auto answer = co_await worker().run<Answer>(std::move(work));
    co_return answer;
  }

 private:
  Offload& worker() const {
    std::lock_guard lock{mutex_};
    if (!worker_) worker_ = std::make_unique<Offload>(1);
    return *worker_;
  }
  std::string query_;
  std::unique_ptr<SqlSource> source_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<Offload> worker_;
};

/// What is wrong with the braces of a query: only the three names may stand in them, alone or as a whole quoted text.
std::optional<std::string> brace_problem(std::string_view query) {
  bool quoted = false;
  for (std::size_t i = 0; i < query.size(); ++i) {
    if (query[i] == '\'') quoted = !quoted;
    if (query[i] != '{') continue;
    const auto end = query.find('}', i);
    const auto name = query.substr(i, end == std::string_view::npos ? end : end - i + 1);
    if (name != "{address}" && name != "{user}" && name != "{domain}") {
      return fmt::format("query: \"{}\" is unknown; write {{address}}, {{user}} or {{domain}}", name.substr(0, 40));
    }
    const bool whole = i > 0 && query[i - 1] == '\'' && end + 1 < query.size() && query[end + 1] == '\'';
    if (quoted && !whole) {
      return fmt::format(
          "query: {} stands within a quoted text, where no value can be put; write for example "
          "\"LIKE {} || '%'\"",
          name, name);
    }
  }
  return std::nullopt;
}

/// The names in braces become numbered parameters: values never become part of the statement.
std::string with_parameters(std::string query) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"{address}", "?1"}, {"{user}", "?2"}, {"{domain}", "?3"}};
  for (const auto& [name, parameter] : names) {
    for (const auto& quoted : {fmt::format("'{}'", name), std::string{name}}) {
      for (auto at = query.find(quoted); at != std::string::npos; at = query.find(quoted, at + parameter.size())) {
        query.replace(at, quoted.size(), parameter);
      }
    }
  }
  return query;
}

}  // namespace

Result<std::shared_ptr<const Directory>> make_sql_directory(SqlOptions options) {
  constexpr std::string_view scheme = "sqlite:";
  if (!options.url.starts_with(scheme) || options.url.size() == scheme.size()) {
    return fail(ErrorKind::invalid,
                fmt::format("url \"{}\": this version knows SQLite files only; write \"sqlite:/path/to/users.db\"",
                            options.url));
  }
  if (options.query.find('{') == std::string::npos) {
    return fail(ErrorKind::invalid,
                "query must name {address}, {user} or {domain}, for example \"SELECT 1 FROM users "
                "WHERE mail = {address}\"");
  }
  if (auto problem = brace_problem(options.query)) return fail(ErrorKind::invalid, std::move(*problem));
  auto path = options.url.substr(scheme.size());
  if (path.starts_with("//")) path.erase(0, 2);
  return std::make_shared<const SqlDirectory>(std::make_unique<SqliteSource>(std::move(path)),
                                              with_parameters(std::move(options.query)));
}

}  // namespace mailreeve::judge
