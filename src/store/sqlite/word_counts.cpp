// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/word_counts.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/offload.h"
#include "store/memory_word_counts.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr auto day = std::chrono::hours{24};

// `seen`: the day on which a word was last learnt, since 1970.
constexpr const char* tables =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;"
    "CREATE TABLE IF NOT EXISTS word(scope TEXT NOT NULL, hash INTEGER NOT NULL, spam INTEGER NOT NULL,"
    " ham INTEGER NOT NULL, seen INTEGER NOT NULL, PRIMARY KEY(scope, hash)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lesson(scope TEXT NOT NULL, message BLOB NOT NULL, class TEXT NOT NULL,"
    " time INTEGER NOT NULL, PRIMARY KEY(scope, message)) WITHOUT ROWID;";

std::string_view name(MailClass mail_class) { return mail_class == MailClass::spam ? "spam" : "ham"; }

class DurableWordCounts final : public WordCounts {
 public:
  DurableWordCounts(const std::string& path, Logger& log, std::size_t limit)
      : log_{log}, limit_{limit}, database_{path, {}, Database::Access::write} {}

  Result<void> open(Loading loading) {
    database_.execute(tables);
    if (database_.failed()) return database_.status();
    if (loading == Loading::before_return) return load();
    thread_.add([this] {
      const auto loaded = load();
      if (!loaded) log_.error("words", {{"error", loaded.error().text}, {"advice", "bayes says nothing"}});
      database_.clear_error();
    });
    return {};
  }

  WordCount messages(std::string_view scope) const override { return table_.messages(scope); }
  void look(std::string_view scope, std::span<const std::uint64_t> words, std::span<WordCount> counts) const override {
    table_.look(scope, words, counts);
  }
  Task<Result<LessonCounts>> learn(std::string scope, std::vector<Lesson> lessons) override {
    const auto shared = std::make_shared<const std::vector<Lesson>>(std::move(lessons));
    std::function<std::optional<Result<LessonCounts>>()> work = [this, scope = std::move(scope), shared] {
      return std::optional{write(scope, *shared)};
    };
    auto done = co_await thread_.run<std::optional<Result<LessonCounts>>>(std::move(work));
    co_return std::move(*done);
  }

 private:
  Result<void> load() {
    std::map<std::string, std::pair<WordCount, WordTable::Counts>> scopes;
    Statement lessons{database_, "SELECT scope, class, count(*) FROM lesson GROUP BY scope, class"};
    while (lessons.row()) {
      auto& messages = scopes[std::string{lessons.bytes(0)}].first;
      (lessons.bytes(1) == "spam" ? messages.spam : messages.ham) = static_cast<std::uint32_t>(lessons.integer(2));
    }
    Statement words{database_, "SELECT scope, hash, spam, ham FROM word"};
    while (words.row()) {
      const WordCount count{static_cast<std::uint32_t>(words.integer(2)), static_cast<std::uint32_t>(words.integer(3))};
      scopes[std::string{words.bytes(0)}].second.emplace(static_cast<std::uint64_t>(words.integer(1)), count);
    }
    if (database_.failed()) return database_.status();
    for (auto& [scope, read] : scopes) table_.replace(scope, read.first, std::move(read.second));
    return {};
  }

  Result<LessonCounts> write(const std::string& scope, const std::vector<Lesson>& lessons) {
    database_.execute("BEGIN IMMEDIATE");
    LessonCounts counts;
    WordTable::Change messages;
    WordTable::Changes words;
    for (const auto& lesson : lessons) take(scope, lesson, counts, messages, words);
    put(scope, words);
    database_.execute("COMMIT");
    const auto status = database_.status();
    database_.clear_error();
    if (!database_.idle()) database_.execute("ROLLBACK");
    database_.clear_error();
    if (!status) return fail(status.error().kind, fmt::format("words.db: {}", status.error().text));
    table_.change(scope, messages, words);
    make_room();
    return counts;
  }

  void take(const std::string& scope, const Lesson& lesson, LessonCounts& counts, WordTable::Change& messages,
            WordTable::Changes& words) {
    find_.bind_text(1, scope).bind_blob(2, lesson.message);
    std::optional<MailClass> before;
    if (find_.row()) before = find_.bytes(0) == "spam" ? MailClass::spam : MailClass::ham;
    find_.reset();
    const auto effect = effect_of(lesson, before);
    ++(counts.*effect.counted);
    if (effect.change.spam == 0 && effect.change.ham == 0) return;
    if (lesson.as) {
      note_.bind_text(1, scope).bind_blob(2, lesson.message).bind_text(3, name(*lesson.as)).bind(4, now()).run();
    } else {
      forget_.bind_text(1, scope).bind_blob(2, lesson.message).run();
    }
    messages.spam += effect.change.spam;
    messages.ham += effect.change.ham;
    for (const auto word : lesson.words) {
      auto& change = words[word];
      change.spam += effect.change.spam;
      change.ham += effect.change.ham;
    }
  }

  void put(const std::string& scope, const WordTable::Changes& words) {
    const auto today = now() / std::chrono::milliseconds{day}.count();
    bool takes_away = false;
    for (const auto& [word, change] : words) {
      if (change.spam == 0 && change.ham == 0) continue;
      takes_away = takes_away || change.spam < 0 || change.ham < 0;
      put_.bind_text(1, scope)
          .bind(2, static_cast<std::int64_t>(word))
          .bind(3, change.spam)
          .bind(4, change.ham)
          .bind(5, today)
          .run();
    }
    if (takes_away) clean_.bind_text(1, scope).run();
  }

  void make_room() {
    if (table_.size() <= limit_) return;
    const auto surplus = static_cast<std::int64_t>(table_.size() - limit_ + limit_ / 10);
    Statement drop{database_,
                   "DELETE FROM word WHERE (scope, hash) IN (SELECT scope, hash FROM word"
                   " ORDER BY spam + ham > 1, seen LIMIT ?1)"};
    drop.bind(1, surplus).run();
    const auto loaded = load();
    if (!loaded) log_.error("words", {{"error", loaded.error().text}});
    database_.clear_error();
  }

  static std::int64_t now() { return to_millis(SystemClock{}.now()); }

  Logger& log_;
  std::size_t limit_;
  WordTable table_;
  Database database_;
  Statement find_{database_, "SELECT class FROM lesson WHERE scope = ?1 AND message = ?2"};
  Statement note_{database_,
                  "INSERT INTO lesson VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET class = ?3, time = ?4"};
  Statement forget_{database_, "DELETE FROM lesson WHERE scope = ?1 AND message = ?2"};
  Statement put_{database_,
                 "INSERT INTO word VALUES(?1, ?2, max(0, ?3), max(0, ?4), ?5) ON CONFLICT DO UPDATE SET"
                 " spam = max(0, spam + ?3), ham = max(0, ham + ?4), seen = ?5"};
  Statement clean_{database_, "DELETE FROM word WHERE scope = ?1 AND spam = 0 AND ham = 0"};
  Offload thread_{1};  // last: it ends before what it works on goes
};

}  // namespace

Result<std::unique_ptr<WordCounts>> open_word_counts(const std::string& path, Logger& log, Loading loading,
                                                     std::size_t limit) {
  auto counts = std::make_unique<DurableWordCounts>(path, log, limit);
  auto opened = counts->open(loading);
  if (!opened) return fail(opened.error().kind, fmt::format("{}: {}", path, opened.error().text));
  return counts;
}

}  // namespace mailreeve::store::sqlite
