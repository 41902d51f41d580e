// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/reads.h"

#include <algorithm>
#include <unordered_map>

#include "store/sqlite/rows.h"

namespace mailreeve::store::sqlite {

namespace {

// Calls `visit(destination, earliest due)` for every destination that has something unclaimed, until it answers false.
// One search each, however many recipients wait for a destination.
template <class Visit>
void each_destination(Database& database, Visit visit) {
  Statement first{
      database,
      "SELECT destination,due FROM recipient INDEXED BY recipient_due WHERE state=0 AND owner IS NULL ORDER "
      "BY destination,due LIMIT 1"};
  Statement next{database,
                 "SELECT destination,due FROM recipient INDEXED BY recipient_due WHERE state=0 AND owner IS NULL AND "
                 "destination>?1 ORDER BY destination,due LIMIT 1"};
  Statement* row = &first;
  std::string destination;
  while (row->row()) {
    destination = row->bytes(0);
    const auto due = from_millis(row->integer(1));
    row->reset();
    if (!visit(destination, due)) return;
    row = &next;
    next.bind_text(1, destination);
  }
}

std::vector<QueuedRecipient> recipients_of(Statement& rows, std::int64_t key) {
  std::vector<QueuedRecipient> recipients;
  rows.bind(1, key);
  while (rows.row()) {
    if (auto recipient = read_recipient(rows)) recipients.push_back(std::move(*recipient));
  }
  return recipients;
}

}  // namespace

std::vector<std::string> due_destinations(Database& database, WallTime now, std::size_t limit) {
  std::vector<std::string> destinations;
  if (limit == 0) return destinations;
  each_destination(database, [&](const std::string& destination, WallTime due) {
    if (due <= now) destinations.push_back(destination);
    return destinations.size() < limit;
  });
  return destinations;
}

std::optional<WallTime> next_due(Database& database) {
  std::optional<WallTime> next;
  each_destination(database, [&](const std::string&, WallTime due) {
    next = next ? std::min(*next, due) : due;
    return true;
  });
  return next;
}

std::vector<QueuedMessage> list(Database& database, const Filter& filter) {
  // `?2<0` and empty texts switch a condition off.
  constexpr const char* matches = " AND (?2<0 OR state=?2) AND (?3='' OR destination=?3) AND (?4='' OR address=?4)";
  const std::string messages_sql = std::string{"SELECT " MAILREEVE_MESSAGE_COLUMNS
                                               " FROM message WHERE id>?1 AND (?5='' OR sender=?5) AND EXISTS("
                                               "SELECT 1 FROM recipient WHERE message=message.key"} +
                                   matches + ") ORDER BY id LIMIT ?6";
  const std::string recipients_sql =
      std::string{"SELECT " MAILREEVE_RECIPIENT_COLUMNS " FROM recipient WHERE message=?1"} + matches +
      " ORDER BY number";
  Statement messages{database, messages_sql.c_str()};
  Statement recipients{database, recipients_sql.c_str()};
  const std::int64_t state = filter.state ? static_cast<int>(*filter.state) : -1;
  for (auto* statement : {&messages, &recipients}) {
    statement->bind(2, state).bind_text(3, filter.destination).bind_text(4, filter.recipient);
  }
  messages.bind_blob(1, filter.after ? filter.after->bytes() : std::string_view{});
  messages.bind_text(5, filter.sender).bind(6, static_cast<std::int64_t>(filter.limit));

  std::vector<QueuedMessage> found;
  while (messages.row()) {
    auto message = read_message(messages);
    if (!message) continue;
    message->recipients = recipients_of(recipients, messages.integer(0));
    found.push_back(std::move(*message));
  }
  return found;
}

std::optional<QueuedMessage> show(Database& database, const MessageId& id) {
  Statement messages{database, "SELECT " MAILREEVE_MESSAGE_COLUMNS " FROM message WHERE id=?1"};
  Statement recipients{database, "SELECT " MAILREEVE_RECIPIENT_COLUMNS " FROM recipient WHERE message=?1"};
  messages.bind_blob(1, id.bytes());
  if (!messages.row()) return std::nullopt;
  auto message = read_message(messages);
  if (message) message->recipients = recipients_of(recipients, messages.integer(0));
  messages.reset();
  return message;
}

std::optional<WallTime> oldest_queued(Database& database) {
  Statement row{
      database,
      "SELECT accepted FROM recipient CROSS JOIN message ON message=key WHERE state=0 ORDER BY message LIMIT 1"};
  if (!row.row()) return std::nullopt;
  const auto accepted = from_millis(row.integer(0));
  row.reset();
  return accepted;
}

std::vector<DestinationSummary> destinations(Database& database, std::size_t limit) {
  struct Sums {
    DestinationSummary summary;
    std::int64_t last_message = -1;
  };
  std::unordered_map<std::string, Sums> all;
  Statement rows{database,
                 "SELECT destination,state,owner IS NOT NULL,due,message,size,accepted,attempts,reply FROM recipient "
                 "CROSS JOIN message ON message=key ORDER BY message,number"};
  while (rows.row()) {
    auto& [summary, last_message] = all[std::string{rows.bytes(0)}];
    const bool active = rows.integer(2) != 0;
    switch (static_cast<RecipientState>(rows.integer(1))) {
      case RecipientState::queued: {
        ++summary.queued;
        if (active) ++summary.active;
        const auto due = from_millis(rows.integer(3));
        if (!active && (!summary.next || due < *summary.next)) summary.next = due;
        const auto accepted = from_millis(rows.integer(6));
        if (!summary.oldest || accepted < *summary.oldest) summary.oldest = accepted;
        break;
      }
      case RecipientState::held:
        ++summary.held;
        break;
      case RecipientState::refused:
        ++summary.refused;
        break;
      case RecipientState::expired:
        ++summary.expired;
        break;
      case RecipientState::delivered:
      case RecipientState::dropped:
        continue;
    }
    const auto message = rows.integer(4);
    if (message != last_message) summary.bytes += static_cast<std::uint64_t>(rows.integer(5));
    last_message = message;
    if (rows.integer(7) > 0) summary.last_reply = rows.bytes(8);
  }
  std::vector<DestinationSummary> found;
  for (auto& [destination, sums] : all) {
    sums.summary.destination = destination;
    if (sums.last_message >= 0) found.push_back(std::move(sums.summary));
  }
  std::ranges::sort(found, [](const DestinationSummary& a, const DestinationSummary& b) {
    const auto size = [](const DestinationSummary& one) { return one.queued + one.held + one.refused + one.expired; };
    return size(a) != size(b) ? size(a) > size(b) : a.destination < b.destination;
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace mailreeve::store::sqlite
