// SPDX-License-Identifier: Apache-2.0
// What deliveries report.
#include <algorithm>

#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

void Tables::record(std::string_view owner, const std::vector<Change>& changes) {
  for (auto first = changes.begin(); first != changes.end();) {
    const auto last = std::find_if(first, changes.end(), [&](const Change& c) { return c.id != first->id; });
    record_message(owner, &*first, &*first + (last - first));
    first = last;
  }
}

// Of the common message, whose recipients are all delivered now, no row is written before it is removed.
void Tables::record_message(std::string_view owner, const Change* first, const Change* last) {
  struct Outcome {
    const Change* change;
    RecipientState state;
    bool keep_due;
  };
  const auto message = find(first->id);
  if (!message) return;
  std::vector<Outcome> outcomes;
  std::vector<std::int64_t> finished;
  for (const auto* change = first; change != last; ++change) {
    const auto row = find_recipient(message->key, change->recipient);
    if (!row || !keeps_message(row->state)) continue;
    const bool delivered = change->state == RecipientState::delivered;
    if (row->owner != owner && !delivered) continue;
    // The same recipient twice in one report: the first one counts.
    if (std::ranges::any_of(outcomes, [&](const Outcome& o) { return o.change->recipient == change->recipient; }))
      continue;
    auto state = change->state;
    bool keep_due = false;
    if (!delivered && row->wish == Wish::drop) state = RecipientState::dropped;
    if (!delivered && row->wish == Wish::hold && state == RecipientState::queued) state = RecipientState::held;
    if (row->wish == Wish::retry && keeps_message(state)) {
      state = RecipientState::queued;
      keep_due = true;
    }
    delta_.count(row->state, -1);
    delta_.count(state, 1);
    outcomes.push_back({change, state, keep_due});
    if (!keeps_message(state)) finished.push_back(row->number);
  }
  if (outcomes.empty()) return;
  if (finished.size() == outcomes.size() && !others_keep(message->key, finished)) {
    remove_message(*message);
    return;
  }
  for (const auto& [change, state, keep_due] : outcomes) {
    auto& update = keep_due ? report_keeping_due_ : report_;
    update.bind(1, message->key).bind(2, change->recipient).bind(3, static_cast<int>(state));
    update.bind(4, change->count_attempt ? 1 : 0);
    if (!keep_due) update.bind(5, to_millis(change->due));
    update.bind_text(keep_due ? 5 : 6, change->reply).run();
  }
}

std::optional<Tables::Row> Tables::find_recipient(std::int64_t key, std::uint32_t number) {
  find_recipient_.bind(1, key).bind(2, number);
  if (!find_recipient_.row()) return std::nullopt;
  Row row{.number = find_recipient_.integer(0),
          .state = static_cast<RecipientState>(find_recipient_.integer(1)),
          .wish = static_cast<Wish>(find_recipient_.integer(2)),
          .owner = std::string{find_recipient_.bytes(3)}};
  find_recipient_.reset();
  return row;
}

bool Tables::others_keep(std::int64_t key, const std::vector<std::int64_t>& finished) {
  keeping_.bind(1, key);
  bool kept = false;
  while (!kept && keeping_.row()) kept = std::ranges::find(finished, keeping_.integer(0)) == finished.end();
  keeping_.reset();
  return kept;
}

}  // namespace mailreeve::store::sqlite
