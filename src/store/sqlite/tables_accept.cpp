// SPDX-License-Identifier: Apache-2.0
// Putting messages in, and taking them away when nobody needs them any more.
#include "store/sqlite/schema.h"
#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

void Totals::add(const Totals& other) {
  messages += other.messages;
  bytes += other.bytes;
  for (std::size_t i = 0; i < recipients.size(); ++i) recipients[i] += other.recipients[i];
}

bool Tables::insert(std::int64_t key, const NewMessage& message, bool in_chunks, std::string_view body) {
  const auto& m = message.message;
  if (message.once) {
    note_arrival_.bind_blob(1, m.id.bytes()).bind(2, to_millis(m.accepted)).run();
    if (database_.failed() || database_.changes() == 0) return false;
  }
  const auto& envelope = m.envelope;
  const std::string sender = envelope.sender ? envelope.sender->text() : std::string{};
  const std::string_view client{reinterpret_cast<const char*>(m.origin.client.data()), m.origin.client.bits() / 8};
  const std::string_view digest{reinterpret_cast<const char*>(m.sha256.data()), m.sha256.size()};

  auto& row = insert_message_;
  row.bind(1, key).bind_blob(2, m.id.bytes()).bind_blob(4, client);
  envelope.sender ? row.bind_text(3, sender) : row.bind_null(3);
  row.bind_text(5, m.origin.helo).bind_text(6, m.origin.listener).bind(7, static_cast<int>(envelope.body_type));
  row.bind(8, envelope.smtputf8 ? 1 : 0).bind(9, static_cast<int>(envelope.ret)).bind_text(10, envelope.envid);
  row.bind(11, static_cast<std::int64_t>(m.size)).bind_blob(12, digest).bind(13, to_millis(m.accepted));
  in_chunks ? row.bind_null(14) : row.bind_blob(14, body);
  row.run();
  if (database_.failed() || database_.changes() == 0) return false;

  for (const auto& recipient : m.recipients) {
    const std::string address = recipient.envelope.address.text();
    auto& insert = insert_recipient_;
    insert.bind(1, key).bind(2, recipient.number).bind_text(3, address);
    insert.bind(4, encode_notify(recipient.envelope.notify)).bind_text(5, recipient.envelope.orcpt);
    insert.bind_text(6, recipient.destination).bind(7, static_cast<int>(recipient.state)).bind(8, recipient.attempts);
    insert.bind(9, to_millis(recipient.due)).bind_text(10, recipient.last_reply);
    recipient.owner.empty() ? insert.bind_null(11) : insert.bind_text(11, recipient.owner);
    insert.bind(12, recipient.owner.empty() ? 0 : to_millis(message.lease_until));
    insert.run();
    delta_.count(recipient.state, 1);
  }
  delta_.messages += 1;
  delta_.bytes += static_cast<std::int64_t>(m.size);
  return !database_.failed();
}

void Tables::insert_chunk(std::int64_t key, std::int64_t number, std::string_view bytes) {
  insert_chunk_.bind(1, key * chunks_per_message + number).bind_blob(2, bytes).run();
}

void Tables::remove_chunks(std::int64_t key) {
  remove_chunks_.bind(1, key * chunks_per_message).bind(2, (key + 1) * chunks_per_message).run();
}

void Tables::remove_message(const Found& message) {
  remove_recipients_.bind(1, message.key).run();
  remove_message_.bind(1, message.key).run();
  if (message.in_chunks) remove_chunks(message.key);
  delta_.messages -= 1;
  delta_.bytes -= message.size;
}

std::optional<Tables::Found> Tables::find(const MessageId& id) {
  find_.bind_blob(1, id.bytes());
  if (!find_.row()) return std::nullopt;
  Found found{.key = find_.integer(0), .size = find_.integer(1), .in_chunks = find_.integer(2) != 0};
  find_.reset();
  return found;
}

void Tables::remove_if_finished(std::int64_t key) {
  if (others_keep(key, {})) return;
  find_key_.bind(1, key);
  if (!find_key_.row()) return;
  const Found found{.key = key, .size = find_key_.integer(0), .in_chunks = find_key_.integer(1) != 0};
  find_key_.reset();
  remove_message(found);
}

void Tables::set_damaged(const MessageId& id, std::string_view reason) {
  const auto found = find(id);
  if (!found) return;
  damage_.bind(1, found->key).run();
  hold_damaged_.bind(1, found->key).bind_text(2, reason).run();
  const int held = database_.changes();
  delta_.count(RecipientState::queued, -held);
  delta_.count(RecipientState::held, held);
}

void Tables::forget_arrivals(WallTime before) { forget_arrivals_.bind(1, to_millis(before)).run(); }

std::int64_t Tables::greatest_key() {
  Statement message{database_, "SELECT max(key) FROM message"};
  Statement chunk{database_, "SELECT max(key) FROM chunk"};
  std::int64_t greatest = message.row() ? message.integer(0) : 0;
  if (chunk.row()) greatest = std::max(greatest, chunk.integer(0) / chunks_per_message);
  return greatest;
}

std::uint64_t Tables::sweep_orphans() {
  Statement next{database_, "SELECT key FROM chunk WHERE key>=?1 ORDER BY key LIMIT 1"};
  std::uint64_t swept = 0;
  std::int64_t from = 0;
  while (!database_.failed()) {
    next.bind(1, from);
    if (!next.row()) break;
    const auto key = next.integer(0) / chunks_per_message;
    next.reset();
    find_key_.bind(1, key);
    const bool known = find_key_.row();
    find_key_.reset();
    if (!known) {
      remove_chunks(key);
      ++swept;
    }
    from = (key + 1) * chunks_per_message;
  }
  return swept;
}

Totals Tables::read_totals() {
  Statement row{database_, "SELECT messages,bytes,queued,held,refused,expired FROM totals"};
  Totals totals;
  if (!row.row()) return totals;
  totals.messages = row.integer(0);
  totals.bytes = row.integer(1);
  for (int i = 0; i < 4; ++i) totals.recipients[static_cast<std::size_t>(i)] = row.integer(2 + i);
  return totals;
}

Totals Tables::write_totals() {
  const Totals delta = std::exchange(delta_, {});
  if (delta == Totals{}) return delta;
  Statement row{
      database_,
      "UPDATE totals SET messages=messages+?1,bytes=bytes+?2,queued=queued+?3,held=held+?4,refused=refused+?5,"
      "expired=expired+?6"};
  row.bind(1, delta.messages).bind(2, delta.bytes);
  for (int i = 0; i < 4; ++i) row.bind(3 + i, delta.recipients[static_cast<std::size_t>(i)]);
  row.run();
  return delta;
}

}  // namespace mailreeve::store::sqlite
