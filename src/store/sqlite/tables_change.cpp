// SPDX-License-Identifier: Apache-2.0
// What operators ask for.
#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

namespace {

constexpr int slice = 1000;  // recipients a transaction, so that a change to a million does not stall accepting

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sqlite3_strnicmp(a.data(), b.data(), static_cast<int>(a.size())) == 0;
}

}  // namespace

std::uint64_t Tables::change_message(AdminAction action, const MessageId& id, WallTime now) {
  const auto message = find(id);
  if (!message) return 0;
  std::vector<Row> rows;
  all_recipients_.bind(1, message->key);
  while (all_recipients_.row()) {
    rows.push_back({.number = all_recipients_.integer(0),
                    .state = static_cast<RecipientState>(all_recipients_.integer(1)),
                    .wish = static_cast<Wish>(all_recipients_.integer(2)),
                    .owner = std::string{all_recipients_.bytes(3)}});
  }
  std::uint64_t changed = 0;
  for (const auto& row : rows) changed += apply(action, message->key, row, now);
  if (action == AdminAction::drop && changed > 0) remove_if_finished(message->key);
  return changed;
}

bool Tables::change_matching(AdminAction action, const Filter& filter, WallTime now, std::int64_t& after,
                             std::uint64_t& changed) {
  Statement rows{
      database_,
      "SELECT r.message,r.number,r.state,r.wish,r.owner,r.destination,r.address,m.sender FROM recipient r JOIN "
      "message m ON m.key=r.message WHERE r.message>?1 ORDER BY r.message,r.number"};
  struct Match {
    std::int64_t key;
    Row row;
  };
  std::vector<Match> matches;
  rows.bind(1, after);
  int looked_at = 0;
  bool more = false;
  while (rows.row()) {
    const auto key = rows.integer(0);
    // A slice ends between two messages, so that `after` says all.
    if (++looked_at > slice && key != after) {
      more = true;
      break;
    }
    after = key;
    const auto state = static_cast<RecipientState>(rows.integer(2));
    if (filter.state && *filter.state != state) continue;
    if (!filter.destination.empty() && rows.bytes(5) != filter.destination) continue;
    if (!filter.recipient.empty() && !same_text(rows.bytes(6), filter.recipient)) continue;
    if (!filter.sender.empty() && !same_text(rows.bytes(7), filter.sender)) continue;
    matches.push_back({key,
                       {.number = rows.integer(1),
                        .state = state,
                        .wish = static_cast<Wish>(rows.integer(3)),
                        .owner = std::string{rows.bytes(4)}}});
  }
  rows.reset();
  for (std::size_t i = 0; i < matches.size(); ++i) {
    changed += apply(action, matches[i].key, matches[i].row, now);
    const bool last = i + 1 == matches.size() || matches[i + 1].key != matches[i].key;
    if (action == AdminAction::drop && last) remove_if_finished(matches[i].key);
  }
  return more && !database_.failed();
}

std::uint64_t Tables::apply(AdminAction action, std::int64_t key, const Row& row, WallTime now) {
  const auto wish = [&](Wish wanted) -> std::uint64_t {
    if (row.wish == wanted) return 0;
    set_wish_.bind(1, key).bind(2, row.number).bind(3, static_cast<int>(wanted)).bind(4, to_millis(now)).run();
    return 1;
  };
  const auto become = [&](RecipientState state, bool due_now) -> std::uint64_t {
    auto& update = due_now ? set_state_ : set_state_only_;
    update.bind(1, key).bind(2, row.number).bind(3, static_cast<int>(state));
    if (due_now) update.bind(4, to_millis(now));
    update.run();
    delta_.count(row.state, -1);
    delta_.count(state, 1);
    return 1;
  };
  if (!keeps_message(row.state)) return 0;
  const bool claimed = !row.owner.empty();
  switch (action) {
    case AdminAction::retry:
      if (row.state == RecipientState::held) return 0;
      return claimed ? wish(Wish::retry) : become(RecipientState::queued, true);
    case AdminAction::hold:
      if (row.state != RecipientState::queued) return 0;
      return claimed ? wish(Wish::hold) : become(RecipientState::held, false);
    case AdminAction::release:
      if (claimed) return row.wish == Wish::hold ? wish(Wish::none) : 0;
      return row.state == RecipientState::held ? become(RecipientState::queued, true) : 0;
    case AdminAction::drop:
      return claimed ? wish(Wish::drop) : become(RecipientState::dropped, false);
  }
  return 0;
}

}  // namespace mailreeve::store::sqlite
