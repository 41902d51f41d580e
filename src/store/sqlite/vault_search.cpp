// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/vault_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "store/sqlite/rows.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr std::size_t words_limit = 16;  // of one question
constexpr std::size_t page_limit = 1000;
constexpr double score_unit = 1000;
constexpr std::size_t shortest_beginning = 3;  // letters; shorter ones would be half of all words

#define HELD_COLUMNS                                                                                            \
  "h.key,h.id,h.sender,h.client,h.helo,h.listener,h.body_type,h.smtputf8,h.ret,h.envid,h.size,h.sha256,h.time," \
  "h.damaged,h.transaction_id,h.kind,h.shown_from,h.subject,h.policy,h.decided_by,h.why,h.score,h.findings,"    \
  "h.attachments,h.has_body,h.from_proven"

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::optional<HeldMessage> read_held(Statement& row) {
  auto common = read_message(row);  // the columns that the queue has too come first
  const auto transaction = MessageId::from_bytes(row.bytes(14));
  if (!common || !transaction) return std::nullopt;
  HeldMessage held;
  held.id = common->id;
  held.transaction = *transaction;
  held.time = common->accepted;
  held.kind = row.integer(15) == 0 ? HeldKind::held : HeldKind::refused;
  held.envelope = std::move(common->envelope);
  held.origin = std::move(common->origin);
  held.size = common->size;
  held.sha256 = common->sha256;
  held.damaged = common->damaged;
  held.from = row.bytes(16);
  held.subject = row.bytes(17);
  held.policy = row.bytes(18);
  held.decided_by = row.bytes(19);
  held.why = row.bytes(20);
  held.score = static_cast<double>(row.integer(21)) / score_unit;
  held.findings = lines_of(row.bytes(22));
  held.attachments = lines_of(row.bytes(23));
  held.has_body = row.integer(24) != 0;
  held.from_proven = row.integer(25) != 0;
  return held;
}

/// Reads each message's recipients.
class Recipients {
 public:
  explicit Recipients(Database& database) : rows_{database, sql} {}
  std::vector<HeldRecipient> of(std::int64_t key) {
    std::vector<HeldRecipient> all;
    rows_.bind(1, key);
    while (rows_.row()) {
      auto common = read_recipient(rows_);
      if (!common) continue;
      all.push_back({.number = common->number,
                     .envelope = std::move(common->envelope),
                     .destination = std::move(common->destination),
                     .state = static_cast<HeldState>(rows_.integer(10)),
                     .changed = from_millis(rows_.integer(11)),
                     .by = std::string{rows_.bytes(12)}});
    }
    return all;
  }

 private:
  // The first ten as read_recipient wants them.
  static constexpr const char* sql =
      "SELECT number,address,notify,orcpt,destination,0,0,0,'','',state,changed,by FROM held_recipient WHERE "
      "message=?1 ORDER BY number";
  Statement rows_;
};

std::vector<HeldMessage> read_all(Database& database, Statement& rows) {
  std::vector<HeldMessage> found;
  Recipients recipients{database};
  while (rows.row()) {
    auto held = read_held(rows);
    if (!held) continue;
    held->recipients = recipients.of(rows.integer(0));
    found.push_back(std::move(*held));
  }
  return found;
}

std::string fts_of(const HeldFilter& filter) {
  std::string query;
  const auto add = [&query](const std::string& part) {
    if (!part.empty()) query += (query.empty() ? "" : " AND ") + part;
  };
  add(fts_query(filter.text, "", true));
  add(fts_query(filter.sender, "people", true));
  add(fts_query(filter.to, "recipients", true));
  add(fts_query(filter.subject, "subject", true));
  if (!filter.finding.empty()) add(fmt::format("findings : \"{}\"", finding_word(filter.finding)));
  if (!query.empty() && !filter.recipient.empty()) add(fts_query(filter.recipient, "recipients", false));
  return query;
}

std::string state_list(const std::vector<HeldState>& states) {
  std::string list;
  for (const auto state : states) list += fmt::format("{}{}", list.empty() ? "" : ",", static_cast<int>(state));
  return list;
}

/// The condition on a recipient's state, and on who it is.
std::string recipient_condition(const HeldFilter& filter, const std::string& key) {
  if (filter.states.empty() && filter.recipient.empty()) return {};
  auto condition = fmt::format(" AND EXISTS(SELECT 1 FROM held_recipient r WHERE r.message={}", key);
  if (!filter.recipient.empty()) condition += " AND r.owner=?2";
  if (!filter.states.empty()) condition += fmt::format(" AND r.state IN ({})", state_list(filter.states));
  return condition + ")";
}

/// Keys grow with arrival but for messages that came at the same moment: what the time says decides, this spares
/// looking at the rest.
std::int64_t key_at(Database& database, WallTime time, bool first) {
  constexpr std::int64_t slack = 10'000;
  Statement row{database, first ? "SELECT key FROM held WHERE time>=?1 ORDER BY time LIMIT 1"
                                : "SELECT key FROM held WHERE time<=?1 ORDER BY time DESC LIMIT 1"};
  row.bind(1, to_millis(time));
  if (!row.row()) return first ? INT64_MAX : 0;
  return row.integer(0) + (first ? -slack : slack);
}

/// Where the rows come from, newest first; `key` is its name for a message's key.
struct Source {
  std::string from, condition;
  std::string key = "h.key";
};

/// Messages of a state that few are in: each is looked up among the words, not the other way round.
std::optional<Source> source_by_state(Database& database, const HeldFilter& filter, bool has_words) {
  if (filter.states.size() != 1) return std::nullopt;
  const auto state = filter.states.front();
  if (state != HeldState::asked && state != HeldState::released) return std::nullopt;  // these have an index
  constexpr std::int64_t few = 2'000;
  const auto rows = fmt::format("held_recipient WHERE state={}", static_cast<int>(state));
  const auto sql = fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {})", rows, few + 1);
  Statement count{database, sql.c_str()};
  if (!count.row() || count.integer(0) > few) return std::nullopt;
  count.reset();
  return Source{fmt::format("(SELECT DISTINCT message FROM {}) a CROSS JOIN held h ON h.key=a.message", rows),
                has_words ? "EXISTS(SELECT 1 FROM held_fts WHERE held_fts MATCH ?1 AND rowid=a.message)" : "1",
                "a.message"};
}

Source source_of(Database& database, const HeldFilter& filter, bool has_words) {
  const bool open = !filter.states.empty() && std::ranges::all_of(filter.states, is_open);
  if (auto few = source_by_state(database, filter, has_words)) return std::move(*few);
  if (has_words) return {"held_fts f CROSS JOIN held h ON h.key=f.rowid", "held_fts MATCH ?1", "f.rowid"};
  if (!filter.recipient.empty()) {
    return {"(SELECT DISTINCT message FROM held_recipient WHERE owner=?2) a CROSS JOIN held h ON h.key=a.message", "1",
            "a.message"};
  }
  if (filter.kind) {
    const auto kind = fmt::format("h.kind={}", static_cast<int>(*filter.kind));
    return {"held h", open ? kind + " AND h.open=1" : kind};
  }
  return {"held h", "1"};
}

}  // namespace

std::string finding_word(std::string_view code) {
  std::string word;
  for (const char c : code) word += (c == '.' || c == '-') ? '_' : c;
  return word;
}

std::string fts_query(std::string_view typed, std::string_view column, bool last_may_begin) {
  std::vector<std::string> words;
  bool last_is_bare = false;
  std::size_t at = 0;
  while (at < typed.size() && words.size() < words_limit) {
    const char c = typed[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0') {
      ++at;
      continue;
    }
    const bool quoted = c == '"';
    if (quoted) ++at;
    const auto end = quoted ? typed.find('"', at) : typed.find_first_of(std::string_view{" \t\r\n\0\"", 6}, at);
    const auto word = typed.substr(at, end == std::string_view::npos ? end : end - at);
    at = end == std::string_view::npos ? typed.size() : end + (quoted ? 1 : 0);
    if (word.empty()) continue;
    std::string clean;
    for (const char letter : word) clean += letter == '\0' ? ' ' : letter;
    words.push_back(std::move(clean));
    last_is_bare = !quoted;
  }
  std::string query;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool may_begin =
        last_may_begin && last_is_bare && i + 1 == words.size() && words[i].size() >= shortest_beginning;
    query += fmt::format("{}\"{}\"{}", query.empty() ? "" : " AND ", words[i], may_begin ? " *" : "");
  }
  if (query.empty()) return {};
  return column.empty() ? fmt::format("({})", query) : fmt::format("{} : ({})", column, query);
}

std::vector<HeldMessage> search_vault(Database& database, const HeldFilter& filter) {
  // What was asked for but holds no word finds nothing: everything would be far too much.
  for (const auto* typed : {&filter.text, &filter.sender, &filter.to, &filter.subject}) {
    if (!typed->empty() && !has_word(*typed)) return {};
  }
  const auto words = fts_of(filter);
  const auto source = source_of(database, filter, !words.empty());
  auto sql = fmt::format("SELECT " HELD_COLUMNS " FROM {} WHERE {}", source.from, source.condition);
  if (filter.since) {
    sql += fmt::format(" AND h.time>={} AND {}>={}", to_millis(*filter.since), source.key,
                       key_at(database, *filter.since, true));
  }
  if (filter.until) {
    sql += fmt::format(" AND h.time<={} AND {}<={}", to_millis(*filter.until), source.key,
                       key_at(database, *filter.until, false));
  }
  if (filter.kind) sql += fmt::format(" AND h.kind={}", static_cast<int>(*filter.kind));
  if (filter.before) sql += fmt::format(" AND {}<(SELECT key FROM held WHERE id=?3)", source.key);
  sql += recipient_condition(filter, source.key);
  sql += fmt::format(" ORDER BY {} DESC LIMIT {}", source.key, std::clamp<std::size_t>(filter.limit, 1, page_limit));
  Statement rows{database, sql.c_str()};
  if (!words.empty()) rows.bind_text(1, words);
  if (!filter.recipient.empty()) rows.bind_text(2, filter.recipient);
  if (filter.before) rows.bind_blob(3, filter.before->bytes());
  return read_all(database, rows);
}

std::optional<HeldMessage> show_held(Database& database, const MessageId& id) {
  Statement rows{database, "SELECT " HELD_COLUMNS " FROM held h WHERE h.id=?1"};
  rows.bind_blob(1, id.bytes());
  auto found = read_all(database, rows);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<MessageId> held_of_transaction(Database& database, const MessageId& transaction) {
  Statement row{database, "SELECT id FROM held WHERE transaction_id=?1 ORDER BY key LIMIT 1"};
  row.bind_blob(1, transaction.bytes());
  if (!row.row()) return std::nullopt;
  const auto id = MessageId::from_bytes(row.bytes(0));
  row.reset();
  return id;
}

std::vector<Release> releases(Database& database, const std::optional<MessageId>& only) {
  Statement rows{database, only
                               ? "SELECT release,message,number,by FROM held_recipient WHERE release=?1 AND state=2"
                               : "SELECT release,message,number,by FROM held_recipient WHERE state=2 ORDER BY release"};
  if (only) rows.bind_blob(1, only->bytes());
  struct Found {
    std::int64_t key = 0;
    std::string by;
    std::vector<std::int64_t> numbers;
  };
  std::map<MessageId, Found> by_release;
  while (rows.row()) {
    const auto id = MessageId::from_bytes(rows.bytes(0));
    if (!id) continue;
    auto& found = by_release[*id];
    found.key = rows.integer(1);
    found.numbers.push_back(rows.integer(2));
    found.by = rows.bytes(3);
  }
  std::vector<Release> all;
  Statement message{database, "SELECT " HELD_COLUMNS " FROM held h WHERE h.key=?1"};
  for (auto& [id, found] : by_release) {
    message.bind(1, found.key);
    auto held = read_all(database, message);
    if (held.empty()) continue;
    std::erase_if(held.front().recipients, [&](const HeldRecipient& recipient) {
      return std::ranges::find(found.numbers, static_cast<std::int64_t>(recipient.number)) == found.numbers.end();
    });
    all.push_back({id, std::move(held.front()), std::move(found.by)});
  }
  return all;
}

std::vector<std::pair<std::string, std::uint64_t>> released_findings(Database& database, WallTime since) {
  Statement rows{database,
                 "SELECT h.findings FROM (SELECT DISTINCT message FROM held_recipient WHERE state=3 AND changed>=?1) "
                 "r CROSS JOIN held h ON h.key=r.message"};
  rows.bind(1, to_millis(since));
  std::map<std::string, std::uint64_t> counts;
  while (rows.row()) {
    for (auto& code : lines_of(rows.bytes(0))) ++counts[std::move(code)];
  }
  return {counts.begin(), counts.end()};
}

}  // namespace mailreeve::store::sqlite
