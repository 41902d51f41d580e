// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/wishes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/offload.h"
#include "store/memory_wishes.h"
#include "store/sqlite/schema.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr auto told_kept = std::chrono::hours{24 * 60};

constexpr int wishes_version = 1;
constexpr int application_id = 0x4d525657;  // "MRVW", as file(1) shows it
constexpr const char* settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=OFF;";
constexpr const char* tables =
    "CREATE TABLE wish(owner TEXT PRIMARY KEY, policy TEXT NOT NULL, digest TEXT, told INTEGER,"
    " allow TEXT NOT NULL, block TEXT NOT NULL) WITHOUT ROWID;";

std::string joined(const std::vector<std::string>& entries) { return fmt::format("{}", fmt::join(entries, "\n")); }

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    entries.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::ranges::sort(entries);
  return entries;
}

class DurableWishes final : public ChangingWishes {
 public:
  DurableWishes(const std::string& path, Logger& log) : log_{log}, database_{path, {}, Database::Access::write} {}

  Result<void> open() {
    if (database_.failed()) return database_.status();
    database_.execute(settings);
    auto ready = create_or_check(database_, {"list of wishes", application_id, wishes_version, tables});
    if (!ready) return ready;
    {
      // Who wished for nothing was only told something, and that is long ago.
      Statement sweep{
          database_,
          "DELETE FROM wish WHERE policy = '' AND digest IS NULL AND allow = '' AND block = '' AND told < ?1"};
      sweep.bind(1, to_millis(SystemClock{}.now() - told_kept)).run();
    }
    {
      Statement read{database_, "SELECT owner, policy, digest, told, allow, block FROM wish"};
      while (read.row()) {
        Wish wish;
        wish.policy = read.bytes(1);
        wish.digest = parse_digest_times(read.bytes(2));
        if (!read.is_null(3)) wish.last_digest = from_millis(read.integer(3));
        wish.allow = split(read.bytes(4));
        wish.block = split(read.bytes(5));
        replace(std::string{read.bytes(0)}, std::move(wish));
      }
    }
    return database_.status();
  }

 protected:
  Task<Result<bool>> change(std::string owner, Change change) override {
    std::function<Result<bool>()> work = [this, owner = std::move(owner), change = std::move(change)] {
      return make(owner, change);
    };
    auto changed = co_await writer_.run<Result<bool>>(std::move(work));
    co_return changed;
  }

 private:
  // On the writer's thread. Memory follows the disk, so that nobody relies on what a restart would forget.
  Result<bool> make(const std::string& owner, const Change& change) {
    const auto before = of(owner);
    auto wish = before ? *before : Wish{};
    const auto made = change(wish);
    if (!made) return std::unexpected(made.error());
    if (wish == (before ? *before : Wish{})) return false;
    database_.execute("BEGIN IMMEDIATE");
    write(owner, wish);
    database_.execute("COMMIT");
    auto status = database_.status();
    database_.clear_error();
    if (!database_.idle()) database_.execute("ROLLBACK");
    database_.clear_error();
    if (!status) {
      log_.error("wishes", {{"error", status.error().text}});
      return std::unexpected(std::move(status.error()));
    }
    replace(owner, std::move(wish));
    return true;
  }

  void write(const std::string& owner, const Wish& wish) {
    const auto allow = joined(wish.allow);
    const auto block = joined(wish.block);
    Statement put{database_, "INSERT OR REPLACE INTO wish VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
    put.bind_text(1, owner).bind_text(2, wish.policy).bind_text(5, allow).bind_text(6, block);
    if (wish.digest) {
      put.bind_text(3, name(*wish.digest));
    } else {
      put.bind_null(3);
    }
    if (wish.last_digest) {
      put.bind(4, to_millis(*wish.last_digest));
    } else {
      put.bind_null(4);
    }
    put.run();
  }

  Logger& log_;
  Database database_;
  Offload writer_{1};  // last: it finishes what it was given before the rest goes
};

}  // namespace

Result<std::unique_ptr<Wishes>> open_wishes(const std::string& path, Logger& log) {
  auto wishes = std::make_unique<DurableWishes>(path, log);
  auto opened = wishes->open();
  if (!opened) return fail(opened.error().kind, fmt::format("{}: {}", path, opened.error().text));
  return wishes;
}

}  // namespace mailreeve::store::sqlite
