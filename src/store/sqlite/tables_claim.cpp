// SPDX-License-Identifier: Apache-2.0
// Claims and leases.
#include <algorithm>
#include <unordered_set>

#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

std::vector<Claim> Tables::claim(std::string_view destination, std::string_view owner, WallTime now,
                                 WallTime lease_until, std::size_t limit) {
  // Collected first: taking one moves it out of the index that is being walked.
  std::vector<std::int64_t> keys;
  std::unordered_set<std::int64_t> seen;
  due_messages_.bind_text(1, destination).bind(2, to_millis(now));
  while (keys.size() < limit && due_messages_.row()) {
    const auto key = due_messages_.integer(0);
    if (seen.insert(key).second) keys.push_back(key);
  }
  due_messages_.reset();

  std::vector<Claim> claims;
  for (const auto key : keys) {
    if (auto claim = take(key, destination, owner, now, lease_until)) claims.push_back(std::move(*claim));
  }
  return claims;
}

std::optional<Claim> Tables::take(std::int64_t key, std::string_view destination, std::string_view owner, WallTime now,
                                  WallTime lease_until) {
  load_message_.bind(1, key);
  if (!load_message_.row()) return std::nullopt;
  auto message = read_message(load_message_);
  const auto id = MessageId::from_bytes(load_message_.bytes(1));
  load_message_.reset();

  bool readable = message.has_value();
  std::vector<QueuedRecipient> recipients;
  due_recipients_.bind(1, key).bind_text(2, destination).bind(3, to_millis(now));
  while (due_recipients_.row()) {
    auto recipient = read_recipient(due_recipients_);
    readable = readable && recipient.has_value();
    if (recipient) recipients.push_back(std::move(*recipient));
  }
  if (!readable || (message && message->damaged)) {
    if (id) set_damaged(*id, "set aside: what the queue holds of it is damaged");
    return std::nullopt;
  }
  for (auto& recipient : recipients) {
    own_.bind(1, key).bind(2, recipient.number).bind_text(3, owner).bind(4, to_millis(lease_until)).run();
    recipient.owner = owner;
  }
  if (recipients.empty()) return std::nullopt;
  message->recipients = std::move(recipients);
  return Claim{.message = std::move(*message), .destination = std::string{destination}};
}

void Tables::renew(std::string_view owner, WallTime lease_until) {
  renew_.bind_text(1, owner).bind(2, to_millis(lease_until)).run();
}

std::uint64_t Tables::release_expired_leases(WallTime now) {
  leased_.bind(1, to_millis(now));
  return free_rows(leased_);
}

std::uint64_t Tables::release_owners(std::string_view prefix) {
  owned_.bind_text(1, prefix).bind(2, static_cast<std::int64_t>(prefix.size()));
  return free_rows(owned_);
}

// Frees what `rows` finds, a thousand at a time, since freeing moves rows out of the index that is being walked.
// An operator's wish comes true now: there is no delivery left that could report.
std::uint64_t Tables::free_rows(Statement& rows) {
  struct Freed {
    std::int64_t key, number;
    Wish wish;
  };
  std::uint64_t freed = 0;
  for (;;) {
    std::vector<Freed> batch;
    while (rows.row()) batch.push_back({rows.integer(0), rows.integer(1), static_cast<Wish>(rows.integer(2))});
    if (batch.empty() || database_.failed()) return freed;
    for (const auto& row : batch) {
      auto state = RecipientState::queued;
      if (row.wish == Wish::hold) state = RecipientState::held;
      if (row.wish == Wish::drop) state = RecipientState::dropped;
      release_.bind(1, row.key).bind(2, row.number).bind(3, static_cast<int>(state)).run();
      delta_.count(RecipientState::queued, -1);
      delta_.count(state, 1);
      if (state == RecipientState::dropped) remove_if_finished(row.key);
      ++freed;
    }
  }
}

}  // namespace mailreeve::store::sqlite
