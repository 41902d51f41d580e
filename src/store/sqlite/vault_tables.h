// SPDX-License-Identifier: Apache-2.0
// The tables of quarantine.db and the changes that can be made to them, on the writer's connection inside its
// transaction. Failures stick to the connection (database.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/database.h"
#include "store/vault.h"

namespace mailreeve::store::sqlite {

/// WAL, synchronous=FULL, tables created where missing. ErrorKind::invalid for a file that is not ours or too new.
Result<void> prepare_vault(Database& database);

/// What there is, or by how much a group of changes alters it.
struct VaultTotals {
  std::int64_t held = 0, refused = 0;  // messages that are open for somebody
  std::int64_t asked = 0;              // recipients
  std::int64_t bytes = 0;              // bodies
  void add(const VaultTotals& other);
  bool operator==(const VaultTotals&) const = default;
};

class VaultTables {
 public:
  explicit VaultTables(Database& database) : database_{database} {}

  /// All but the body. `known`: the id is there already, nothing is done. `full`: see NewHeld::max_size.
  enum class Inserted { now, known, full };
  Inserted insert(std::int64_t key, const NewHeld& item);
  /// `ahead`: its message comes in a later transaction.
  void insert_chunk(std::int64_t key, std::int64_t number, std::string_view bytes, bool ahead);
  void remove_chunks(std::int64_t key);

  std::uint64_t change(const MessageId& id, const std::vector<std::uint32_t>& recipients, HeldState state,
                       std::string_view by, WallTime now);
  /// How many recipients are on their way.
  std::uint64_t begin_release(const MessageId& id, const std::vector<std::uint32_t>& recipients,
                              const MessageId& release, std::string_view by, WallTime now);
  void end_release(const MessageId& release, HeldState state, WallTime now);
  void set_damaged(const MessageId& id);

  /// At most `limit` messages that arrived before; answers how many went.
  std::uint64_t expire(WallTime before, std::int64_t limit);

  /// Gives so many pages that nothing uses back to the file system; answers how many are left.
  std::int64_t give_back(std::int64_t pages);

  std::int64_t greatest_key();
  /// Chunks whose message never came. Few look-ups: a million messages must not hold up a start.
  std::uint64_t sweep_unfinished();
  VaultTotals read_totals();
  VaultTotals write_totals();
  void forget_totals() { delta_ = {}; }

 private:
  struct Row {
    std::int64_t key = 0;
    std::int64_t size = 0;
    HeldKind kind = HeldKind::held;
    bool open = false;
    bool has_body = false;
  };
  std::optional<Row> find(const MessageId& id);
  std::optional<Row> find(std::int64_t key);
  static std::optional<Row> read(Statement& row);
  std::vector<std::pair<std::int64_t, HeldState>> recipients_of(std::int64_t key);
  void insert_recipient(std::int64_t key, const HeldRecipient& recipient);
  bool make_room(std::uint64_t size, std::uint64_t most);
  /// The recipients of `key` have changed: is it still open, does anybody need its body?
  void settle(const Row& row);
  void count_open(HeldKind kind, std::int64_t by);
  void remove_body(const Row& row);
  void remove(const Row& row);

  Database& database_;
  VaultTotals delta_, base_;  // base_: as last written

  Statement insert_{
      database_,
      "INSERT INTO held(key,id,transaction_id,time,kind,open,sender,client,helo,listener,body_type,"
      "smtputf8,ret,envid,size,sha256,shown_from,subject,policy,decided_by,why,score,findings,attachments,"
      "has_body,damaged,from_proven) VALUES(?1,?2,?3,?4,?5,1,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,"
      "?21,?22,?23,1,0,?24) ON CONFLICT(id) DO NOTHING"};
  Statement insert_recipient_{
      database_,
      "INSERT INTO held_recipient(message,number,address,notify,orcpt,destination,state,changed,"
      "by,owner) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"};
  Statement insert_text_{
      database_, "INSERT INTO held_text(key,subject,people,recipients,body,findings) VALUES(?1,?2,?3,?4,?5,?6)"};
  Statement index_text_{
      database_, "INSERT INTO held_fts(rowid,subject,people,recipients,body,findings) VALUES(?1,?2,?3,?4,?5,?6)"};
  Statement insert_chunk_{database_, "INSERT OR REPLACE INTO chunk(key,bytes) VALUES(?1,?2)"};
  Statement remove_chunks_{database_, "DELETE FROM chunk WHERE key>=?1 AND key<?2"};
  Statement begin_arrival_{database_, "INSERT OR IGNORE INTO arriving(key) VALUES(?1)"};
  Statement end_arrival_{database_, "DELETE FROM arriving WHERE key=?1"};
  Statement find_{database_, "SELECT key,size,kind,open,has_body FROM held WHERE id=?1"};
  Statement find_key_{database_, "SELECT key,size,kind,open,has_body FROM held WHERE key=?1"};
  Statement recipients_{database_, "SELECT number,state FROM held_recipient WHERE message=?1"};
  Statement set_state_{database_,
                       "UPDATE held_recipient SET state=?3,changed=?4,by=?5,release=?6 WHERE message=?1 AND number=?2"};
  Statement of_release_{database_,
                        "SELECT message,number,by FROM held_recipient WHERE release=?1 AND state=2 ORDER BY message"};
  Statement set_open_{database_, "UPDATE held SET open=?2 WHERE key=?1"};
  Statement bodiless_{database_, "UPDATE held SET has_body=0 WHERE key=?1"};
  Statement damage_{database_, "UPDATE held SET damaged=1 WHERE id=?1"};
  Statement unindex_{database_,
                     "INSERT INTO held_fts(held_fts,rowid,subject,people,recipients,body,findings) SELECT "
                     "'delete',key,subject,people,recipients,body,findings FROM held_text WHERE key=?1"};
  Statement remove_text_{database_, "DELETE FROM held_text WHERE key=?1"};
  Statement remove_recipients_{database_, "DELETE FROM held_recipient WHERE message=?1"};
  Statement remove_{database_, "DELETE FROM held WHERE key=?1"};
  Statement oldest_refused_{
      database_, "SELECT key,size,kind,open,has_body FROM held WHERE kind=1 AND has_body=1 ORDER BY key LIMIT ?1"};
  Statement before_{database_, "SELECT key,size,kind,open,has_body FROM held WHERE time<?1 ORDER BY time LIMIT ?2"};
};

}  // namespace mailreeve::store::sqlite
