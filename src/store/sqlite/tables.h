// SPDX-License-Identifier: Apache-2.0
// The changes that can be made to the queue's tables. Everything runs on the writer's connection, inside its
// transaction; failures stick to the connection (database.h), so that these answer plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/queue.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows.h"

namespace mailreeve::store::sqlite {

/// What there is, or by how much a group of changes alters it.
struct Totals {
  std::int64_t messages = 0;
  std::int64_t bytes = 0;
  std::array<std::int64_t, 4> recipients{};  // by RecipientState: queued, held, refused, expired

  void add(const Totals& other);
  void count(RecipientState state, std::int64_t by) {
    if (const auto index = static_cast<std::size_t>(state); index < recipients.size()) recipients[index] += by;
  }
  bool operator==(const Totals&) const = default;
};

/// Queued, held, refused and expired recipients keep their message; delivered and dropped ones do not.
inline bool keeps_message(RecipientState state) { return state <= RecipientState::expired; }

class Tables {
 public:
  explicit Tables(Database& database) : database_{database} {}

  /// False when the id is already there: then nothing is done. `body`: the bytes, or empty when they are in chunks.
  bool insert(std::int64_t key, const NewMessage& message, bool in_chunks, std::string_view body);
  void insert_chunk(std::int64_t key, std::int64_t number, std::string_view bytes);
  void remove_chunks(std::int64_t key);

  std::vector<Claim> claim(std::string_view destination, std::string_view owner, WallTime now, WallTime lease_until,
                           std::size_t limit);
  void record(std::string_view owner, const std::vector<Change>& changes);
  void renew(std::string_view owner, WallTime lease_until);
  std::uint64_t release_expired_leases(WallTime now);
  /// Frees everything whose owner begins with `prefix`.
  std::uint64_t release_owners(std::string_view prefix);
  /// Sets a message aside: its recipients are held until an operator looks.
  void set_damaged(const MessageId& id, std::string_view reason);

  std::uint64_t change_message(AdminAction action, const MessageId& id, WallTime now);
  /// A slice of all that match: begins behind `after` (recipient rows in key order) and moves it; false when done.
  bool change_matching(AdminAction action, const Filter& filter, WallTime now, std::int64_t& after,
                       std::uint64_t& changed);

  /// Ids that were taken once: none is offered again after so long.
  void forget_arrivals(WallTime before);

  std::int64_t greatest_key();
  /// Removes chunks whose message never came, because the power went in between.
  std::uint64_t sweep_orphans();
  Totals read_totals();
  /// Adds what this transaction altered to the row of totals, and answers it.
  Totals write_totals();
  void forget_totals() { delta_ = {}; }

 private:
  struct Row {
    std::int64_t number;
    RecipientState state;
    Wish wish;
    std::string owner;
  };
  struct Found {
    std::int64_t key = 0;
    std::int64_t size = 0;
    bool in_chunks = false;
  };
  std::optional<Found> find(const MessageId& id);
  std::optional<Row> find_recipient(std::int64_t key, std::uint32_t number);
  void record_message(std::string_view owner, const Change* first, const Change* last);
  bool others_keep(std::int64_t key, const std::vector<std::int64_t>& finished);
  void remove_message(const Found& message);
  std::uint64_t apply(AdminAction action, std::int64_t key, const Row& row, WallTime now);
  std::optional<Claim> take(std::int64_t key, std::string_view destination, std::string_view owner, WallTime now,
                            WallTime lease_until);
  void remove_if_finished(std::int64_t key);

  Database& database_;
  Totals delta_;

  Statement insert_message_{database_,
                            "INSERT INTO message(key,id,sender,client,helo,listener,body_type,smtputf8,ret,envid,size,"
                            "sha256,accepted,damaged,body) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,0,?14) "
                            "ON CONFLICT(id) DO NOTHING"};
  Statement insert_recipient_{
      database_,
      "INSERT INTO recipient(message,number,address,notify,orcpt,destination,state,attempts,due,"
      "reply,owner,lease,wish) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,0)"};
  Statement note_arrival_{database_, "INSERT OR IGNORE INTO arrived(id,time) VALUES(?1,?2)"};
  Statement forget_arrivals_{database_, "DELETE FROM arrived WHERE time<?1"};
  Statement insert_chunk_{database_, "INSERT OR REPLACE INTO chunk(key,bytes) VALUES(?1,?2)"};
  Statement remove_chunks_{database_, "DELETE FROM chunk WHERE key>=?1 AND key<?2"};
  Statement find_{database_, "SELECT key,size,typeof(body)='null' FROM message WHERE id=?1"};
  Statement find_key_{database_, "SELECT size,typeof(body)='null' FROM message WHERE key=?1"};
  Statement load_message_{database_, "SELECT " MAILREEVE_MESSAGE_COLUMNS " FROM message WHERE key=?1"};
  Statement due_messages_{database_,
                          "SELECT message FROM recipient INDEXED BY recipient_due WHERE destination=?1 AND due<=?2 AND "
                          "state=0 AND owner IS NULL ORDER BY due"};
  // `+` keeps SQLite from walking everything due for the destination instead of this message's few rows.
  Statement due_recipients_{database_, "SELECT " MAILREEVE_RECIPIENT_COLUMNS
                                       " FROM recipient WHERE message=?1 AND state=0 AND owner IS NULL AND "
                                       "+destination=?2 AND +due<=?3"};
  Statement own_{database_, "UPDATE recipient SET owner=?3,lease=?4 WHERE message=?1 AND number=?2"};
  Statement find_recipient_{database_, "SELECT number,state,wish,owner FROM recipient WHERE message=?1 AND number=?2"};
  Statement all_recipients_{database_, "SELECT number,state,wish,owner FROM recipient WHERE message=?1"};
  Statement keeping_{database_, "SELECT number FROM recipient WHERE message=?1 AND state<=3"};
  Statement report_{
      database_,
      "UPDATE recipient SET state=?3,attempts=attempts+?4,due=?5,reply=?6,owner=NULL,lease=0,wish=0 WHERE "
      "message=?1 AND number=?2"};
  Statement report_keeping_due_{database_,
                                "UPDATE recipient SET state=?3,attempts=attempts+?4,reply=?5,owner=NULL,lease=0,wish=0 "
                                "WHERE message=?1 AND number=?2"};
  Statement remove_message_{database_, "DELETE FROM message WHERE key=?1"};
  Statement remove_recipients_{database_, "DELETE FROM recipient WHERE message=?1"};
  Statement renew_{database_, "UPDATE recipient INDEXED BY recipient_lease SET lease=?2 WHERE owner=?1"};
  Statement leased_{database_,
                    "SELECT message,number,wish FROM recipient INDEXED BY recipient_lease WHERE owner IS NOT NULL AND "
                    "lease<?1 LIMIT 1000"};
  Statement owned_{database_,
                   "SELECT message,number,wish FROM recipient INDEXED BY recipient_lease WHERE owner IS NOT NULL AND "
                   "substr(owner,1,?2)=?1 LIMIT 1000"};
  Statement release_{database_,
                     "UPDATE recipient SET state=?3,owner=NULL,lease=0,wish=0 WHERE message=?1 AND number=?2"};
  Statement set_state_{database_, "UPDATE recipient SET state=?3,due=?4 WHERE message=?1 AND number=?2"};
  Statement set_state_only_{database_, "UPDATE recipient SET state=?3 WHERE message=?1 AND number=?2"};
  Statement set_wish_{database_, "UPDATE recipient SET wish=?3,due=?4 WHERE message=?1 AND number=?2"};
  Statement damage_{database_, "UPDATE message SET damaged=1 WHERE key=?1"};
  Statement hold_damaged_{
      database_, "UPDATE recipient SET state=1,reply=?2,owner=NULL,lease=0,wish=0 WHERE message=?1 AND state=0"};

  std::uint64_t free_rows(Statement& rows);
};

}  // namespace mailreeve::store::sqlite
