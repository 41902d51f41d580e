// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/vault_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/rows.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/vault_search.h"
#include "store/wishes.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr std::size_t text_limit = 16U << 10;  // octets of a message's text that can be searched
constexpr std::int64_t room_step = 50;         // copies that make room in one transaction, at most

std::string joined(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

/// At most `most` octets, not through the middle of a character.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
  return text.substr(0, most);
}

/// A finding is found by its code, and by those above it: each is one word, see finding_word.
std::string finding_words(const std::vector<std::string>& findings) {
  std::string words;
  for (const auto& code : findings) {
    words += code + ' ';
    for (auto end = code.find('.'); end != std::string::npos; end = code.find('.', end + 1)) {
      words += finding_word(std::string_view{code}.substr(0, end)) + ' ';
    }
    words += finding_word(code) + ' ';
  }
  return words;
}

}  // namespace

void VaultTotals::add(const VaultTotals& other) {
  held += other.held;
  refused += other.refused;
  asked += other.asked;
  bytes += other.bytes;
}

VaultTables::Inserted VaultTables::insert(std::int64_t key, const NewHeld& item) {
  const auto& m = item.message;
  if (find(m.id)) return Inserted::known;
  if (!make_room(m.size, item.max_size)) return Inserted::full;
  const auto& envelope = m.envelope;
  const auto sender = envelope.sender ? envelope.sender->text() : std::string{};
  const auto findings = joined(m.findings);
  const auto attachments = joined(m.attachments);
  const std::string_view client{reinterpret_cast<const char*>(m.origin.client.data()), m.origin.client.bits() / 8};
  const std::string_view digest{reinterpret_cast<const char*>(m.sha256.data()), m.sha256.size()};
  constexpr double score_unit = 1000;

  auto& row = insert_;
  row.bind(1, key).bind_blob(2, m.id.bytes()).bind_blob(3, m.transaction.bytes()).bind(4, to_millis(m.time));
  row.bind(5, static_cast<int>(m.kind));
  envelope.sender ? row.bind_text(6, sender) : row.bind_null(6);
  row.bind_blob(7, client).bind_text(8, m.origin.helo).bind_text(9, m.origin.listener);
  row.bind(10, static_cast<int>(envelope.body_type)).bind(11, envelope.smtputf8 ? 1 : 0);
  row.bind(12, static_cast<int>(envelope.ret)).bind_text(13, envelope.envid);
  row.bind(14, static_cast<std::int64_t>(m.size)).bind_blob(15, digest);
  row.bind_text(16, m.from).bind_text(17, m.subject).bind_text(18, m.policy).bind_text(19, m.decided_by);
  row.bind_text(20, m.why).bind(21, static_cast<std::int64_t>(m.score * score_unit));
  row.bind_text(22, findings).bind_text(23, attachments).bind(24, m.from_proven ? 1 : 0).run();

  std::string recipients;
  for (const auto& recipient : m.recipients) {
    insert_recipient(key, recipient);
    recipients += fmt::format("{}\n{}\n", recipient.envelope.address.text(), owner_key(recipient.envelope.address));
  }
  const auto people = fmt::format("{}\n{}", m.from, sender);
  const auto body = fmt::format("{}\n{}", attachments, cut(item.text, text_limit));
  const auto codes = finding_words(m.findings);
  for (auto* text : {&insert_text_, &index_text_}) {
    text->bind(1, key).bind_text(2, m.subject).bind_text(3, people).bind_text(4, recipients);
    text->bind_text(5, body).bind_text(6, codes).run();
  }
  end_arrival_.bind(1, key).run();
  count_open(m.kind, 1);
  delta_.bytes += static_cast<std::int64_t>(m.size);
  return Inserted::now;
}

void VaultTables::insert_recipient(std::int64_t key, const HeldRecipient& recipient) {
  const auto address = recipient.envelope.address.text();
  const auto owner = owner_key(recipient.envelope.address);
  auto& row = insert_recipient_;
  row.bind(1, key).bind(2, recipient.number).bind_text(3, address);
  row.bind(4, encode_notify(recipient.envelope.notify)).bind_text(5, recipient.envelope.orcpt);
  row.bind_text(6, recipient.destination).bind(7, static_cast<int>(recipient.state));
  row.bind(8, to_millis(recipient.changed)).bind_text(9, recipient.by).bind_text(10, owner).run();
}

void VaultTables::insert_chunk(std::int64_t key, std::int64_t number, std::string_view bytes, bool ahead) {
  if (ahead && number == 0) begin_arrival_.bind(1, key).run();
  insert_chunk_.bind(1, key * chunks_per_message + number).bind_blob(2, bytes).run();
}

void VaultTables::remove_chunks(std::int64_t key) {
  remove_chunks_.bind(1, key * chunks_per_message).bind(2, (key + 1) * chunks_per_message).run();
  end_arrival_.bind(1, key).run();
}

// Copies of refused mail go first, the oldest: their senders were told. What we answered for stays.
bool VaultTables::make_room(std::uint64_t size, std::uint64_t most) {
  if (most == 0) return true;
  const auto wanted = static_cast<std::int64_t>(most) - static_cast<std::int64_t>(size);
  auto used = base_.bytes + delta_.bytes;
  if (used <= wanted) return true;
  std::vector<Row> oldest;
  oldest_refused_.bind(1, room_step);
  while (oldest_refused_.row()) {
    if (auto row = read(oldest_refused_)) oldest.push_back(*row);
  }
  for (const auto& row : oldest) {
    if (used <= wanted) break;
    used -= row.size;
    remove(row);
  }
  return used <= wanted;
}

std::optional<VaultTables::Row> VaultTables::read(Statement& row) {
  return Row{.key = row.integer(0),
             .size = row.integer(1),
             .kind = static_cast<HeldKind>(row.integer(2)),
             .open = row.integer(3) != 0,
             .has_body = row.integer(4) != 0};
}

std::optional<VaultTables::Row> VaultTables::find(const MessageId& id) {
  find_.bind_blob(1, id.bytes());
  if (!find_.row()) return std::nullopt;
  auto found = read(find_);
  find_.reset();
  return found;
}

std::optional<VaultTables::Row> VaultTables::find(std::int64_t key) {
  find_key_.bind(1, key);
  if (!find_key_.row()) return std::nullopt;
  auto found = read(find_key_);
  find_key_.reset();
  return found;
}

std::vector<std::pair<std::int64_t, HeldState>> VaultTables::recipients_of(std::int64_t key) {
  std::vector<std::pair<std::int64_t, HeldState>> all;
  recipients_.bind(1, key);
  while (recipients_.row()) all.emplace_back(recipients_.integer(0), static_cast<HeldState>(recipients_.integer(1)));
  return all;
}

namespace {

bool is_meant(const std::vector<std::uint32_t>& wanted, std::int64_t number) {
  return wanted.empty() || std::ranges::find(wanted, static_cast<std::uint32_t>(number)) != wanted.end();
}

}  // namespace

std::uint64_t VaultTables::change(const MessageId& id, const std::vector<std::uint32_t>& recipients, HeldState state,
                                  std::string_view by, WallTime now) {
  const auto row = find(id);
  if (!row) return 0;
  std::uint64_t changed = 0;
  for (const auto& [number, before] : recipients_of(row->key)) {
    if (!is_meant(recipients, number) || !is_open(before) || before == state) continue;
    set_state_.bind(1, row->key).bind(2, number).bind(3, static_cast<int>(state)).bind(4, to_millis(now));
    set_state_.bind_text(5, by).bind_null(6).run();
    if (before == HeldState::asked) delta_.asked -= 1;
    if (state == HeldState::asked) delta_.asked += 1;
    ++changed;
  }
  if (changed > 0) settle(*row);
  return changed;
}

std::uint64_t VaultTables::begin_release(const MessageId& id, const std::vector<std::uint32_t>& recipients,
                                         const MessageId& release, std::string_view by, WallTime now) {
  const auto row = find(id);
  if (!row || !row->has_body) return 0;
  std::uint64_t begun = 0;
  for (const auto& [number, before] : recipients_of(row->key)) {
    if (!is_meant(recipients, number) || !is_open(before)) continue;
    set_state_.bind(1, row->key).bind(2, number).bind(3, static_cast<int>(HeldState::releasing));
    set_state_.bind(4, to_millis(now)).bind_text(5, by).bind_blob(6, release.bytes()).run();
    if (before == HeldState::asked) delta_.asked -= 1;
    ++begun;
  }
  return begun;
}

void VaultTables::end_release(const MessageId& release, HeldState state, WallTime now) {
  struct Member {
    std::int64_t key, number;
    std::string by;
  };
  std::vector<Member> members;
  of_release_.bind_blob(1, release.bytes());
  while (of_release_.row()) {
    members.push_back({of_release_.integer(0), of_release_.integer(1), std::string{of_release_.bytes(2)}});
  }
  for (const auto& member : members) {
    set_state_.bind(1, member.key).bind(2, member.number).bind(3, static_cast<int>(state));
    set_state_.bind(4, to_millis(now)).bind_text(5, member.by).bind_null(6).run();
  }
  if (members.empty()) return;
  if (const auto row = find(members.front().key)) settle(*row);
}

void VaultTables::set_damaged(const MessageId& id) { damage_.bind_blob(1, id.bytes()).run(); }

void VaultTables::settle(const Row& row) {
  bool open = false;
  bool wanted = false;
  for (const auto& [number, state] : recipients_of(row.key)) {
    open = open || is_open(state) || state == HeldState::releasing;
    wanted = wanted || state != HeldState::deleted;
  }
  if (open != row.open) {
    set_open_.bind(1, row.key).bind(2, open ? 1 : 0).run();
    count_open(row.kind, open ? 1 : -1);
  }
  if (!wanted) remove_body(row);
}

void VaultTables::count_open(HeldKind kind, std::int64_t by) {
  (kind == HeldKind::held ? delta_.held : delta_.refused) += by;
}

void VaultTables::remove_body(const Row& row) {
  if (!row.has_body) return;
  remove_chunks(row.key);
  unindex_.bind(1, row.key).run();
  remove_text_.bind(1, row.key).run();
  bodiless_.bind(1, row.key).run();
  delta_.bytes -= row.size;
}

void VaultTables::remove(const Row& row) {
  for (const auto& [number, state] : recipients_of(row.key)) {
    if (state == HeldState::asked) delta_.asked -= 1;
  }
  remove_body(row);
  remove_recipients_.bind(1, row.key).run();
  remove_.bind(1, row.key).run();
  if (row.open) count_open(row.kind, -1);
}

std::uint64_t VaultTables::expire(WallTime before, std::int64_t limit) {
  std::vector<Row> rows;
  before_.bind(1, to_millis(before)).bind(2, limit);
  while (before_.row()) {
    if (auto row = read(before_)) rows.push_back(*row);
  }
  for (const auto& row : rows) remove(row);
  return rows.size();
}

std::int64_t VaultTables::give_back(std::int64_t pages) {
  database_.execute(fmt::format("PRAGMA incremental_vacuum({})", pages).c_str());
  Statement row{database_, "PRAGMA freelist_count"};
  return row.row() ? row.integer(0) : 0;
}

std::int64_t VaultTables::greatest_key() {
  Statement row{database_,
                "SELECT max(ifnull((SELECT max(key) FROM held),0),ifnull((SELECT max(key) FROM arriving),0))"};
  return row.row() ? row.integer(0) : 0;
}

std::uint64_t VaultTables::sweep_unfinished() {
  std::vector<std::int64_t> keys;
  Statement row{database_, "SELECT key FROM arriving"};
  while (row.row()) keys.push_back(row.integer(0));
  for (const auto key : keys) remove_chunks(key);
  return keys.size();
}

VaultTotals VaultTables::read_totals() {
  Statement row{database_, "SELECT held,refused,asked,bytes FROM held_totals"};
  if (row.row()) {
    base_ = {.held = row.integer(0), .refused = row.integer(1), .asked = row.integer(2), .bytes = row.integer(3)};
  }
  return base_;
}

VaultTotals VaultTables::write_totals() {
  const auto delta = std::exchange(delta_, {});
  if (delta == VaultTotals{}) return delta;
  Statement row{database_, "UPDATE held_totals SET held=held+?1,refused=refused+?2,asked=asked+?3,bytes=bytes+?4"};
  row.bind(1, delta.held).bind(2, delta.refused).bind(3, delta.asked).bind(4, delta.bytes).run();
  base_.add(delta);
  return delta;
}

}  // namespace mailreeve::store::sqlite
