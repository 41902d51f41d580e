// SPDX-License-Identifier: Apache-2.0
// The tables of `archive.db` and what is written to them. Private to store/sqlite/.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "store/history.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

/// What a row of `tally` counts, and for how long: kept in its column `kind`.
enum class TallyKind : std::uint8_t { verdict_minute, verdict_hour, finding_slot, finding_hour };
constexpr std::int64_t minute_millis = 60'000;
constexpr std::int64_t slot_millis = 10 * minute_millis;  // of findings, within the last day
constexpr std::int64_t hour_millis = 60 * minute_millis;
constexpr std::int64_t fine_millis = 25 * hour_millis;  // how long the finer counts are kept
constexpr std::int64_t day_millis = 24 * hour_millis;

std::string joined_lines(const std::vector<std::string>& parts);
std::vector<std::string> split_lines(std::string_view text);
std::string address_bytes(const IpAddress& address);

/// Everything here happens within a transaction that the caller began.
class HistoryTables {
 public:
  explicit HistoryTables(Database& database) : database_{database} {}
  /// Makes what is missing.
  void create();
  void insert(const HistoryRecord& record);
  void insert(const Delivery& delivery);
  /// Writes down what `insert` counted since the last time.
  void write_tallies();
  /// After a transaction that failed: forgets what was counted in it.
  void forget_tallies() { counted_.clear(); }
  /// At most `limit` records from before `time` with all that hangs on them; answers how many.
  std::int64_t remove_some(WallTime time, std::int64_t limit);
  /// Deliveries whose message is older, and counts that outlived their time as of `now`.
  void remove_rest(WallTime time, WallTime now);

 private:
  void index(std::int64_t key, const HistoryRecord& record, bool remove);
  void count(TallyKind kind, std::int64_t start, const std::string& name);

  struct Slot {
    TallyKind kind;
    std::int64_t start;
    std::string name;
    auto operator<=>(const Slot&) const = default;
  };
  Database& database_;
  std::int64_t indexed_from_ = 0;  // rows with a smaller key came before there was an index of words
  std::map<Slot, std::int64_t> counted_;
  Statement insert_{
      database_,
      "INSERT OR IGNORE INTO history(id, time, kind, client, helo, listener, sender, recipients, verdict, "
      "reply, decided_by, score, findings, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
      "?12, ?13, ?14)"};
  Statement finding_{database_, "INSERT OR IGNORE INTO history_finding VALUES(?1, ?2)"};
  Statement further_{database_, "INSERT OR IGNORE INTO history_further VALUES(?1, ?2)"};
  Statement delivery_{database_, "INSERT OR IGNORE INTO history_delivery VALUES(?1, ?2, ?3, ?4, ?5)"};
  Statement index_{database_,
                   "INSERT INTO history_text(rowid, sender, recipients, helo, client, reply, decided_by, findings, id, "
                   "verdict) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
  Statement unindex_{
      database_,
      "INSERT INTO history_text(history_text, rowid, sender, recipients, helo, client, reply, decided_by, "
      "findings, id, verdict) VALUES('delete', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
  Statement tally_{database_,
                   "INSERT INTO history_tally VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET count = count + ?4"};
};

}  // namespace mailreeve::store::sqlite
