// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/history_reads.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/sqlite/history_tables.h"

namespace mailreeve::store::sqlite {
namespace {

constexpr double score_unit = 1000.0;
constexpr std::size_t words_limit = 16;
constexpr std::size_t deliveries_limit = 1000;
constexpr std::int64_t longest_transaction = 3 * hour_millis;

/// The last address of a network, as octets.
std::string last_of(const IpNetwork& network) {
  auto bytes = address_bytes(network.address());
  for (unsigned bit = network.prefix(); bit < network.address().bits(); ++bit) {
    bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) | (0x80U >> (bit % 8)));
  }
  return bytes;
}

/// What may stand in a LIKE pattern, taken literally.
std::string like(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

std::string quoted(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '\0') continue;
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

template <class Value>
Result<Value> answer(Database& database, Value value) {
  if (!database.failed()) return value;
  auto status = database.status();
  database.clear_error();
  return fail(status);
}

/// Keys follow the ends of transactions, times their beginnings: the keys between which all records of a span of time
/// lie, give or take the longest transaction.
std::int64_t first_key_since(Database& database, WallTime time) {
  Statement row{database, "SELECT min(key) FROM (SELECT key FROM history WHERE time >= ?1 ORDER BY time LIMIT 1000)"};
  row.bind(1, to_millis(time) - longest_transaction);
  const auto key = row.row() && !row.is_null(0) ? row.integer(0) : std::int64_t{0};
  row.reset();
  return key;
}

std::int64_t last_key_until(Database& database, WallTime time) {
  Statement row{database,
                "SELECT max(key) FROM (SELECT key FROM history WHERE time <= ?1 ORDER BY time DESC LIMIT 1000)"};
  row.bind(1, to_millis(time) + longest_transaction);
  const auto key = row.row() && !row.is_null(0) ? row.integer(0) : std::int64_t{0};
  row.reset();
  return key;
}

}  // namespace

std::optional<std::string> words_expression(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  std::string expression;
  for (std::size_t words = 0; words < words_limit;) {
    const auto begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(spaces));
    text.remove_prefix(word.size());
    const auto tells = [](char c) {
      const auto octet = static_cast<unsigned char>(c);
      return octet >= 0x80 || (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
             (octet >= 'a' && octet <= 'z');
    };
    if (!std::ranges::any_of(word, tells)) continue;
    if (words++ > 0) expression += " AND ";
    expression += "(- verdict : " + quoted(word) + " *)";
  }
  if (expression.empty()) return std::nullopt;
  return expression;
}

HistoryRecord history_record_of(const Statement& row) {
  HistoryRecord record;
  record.id = MessageId::from_bytes(row.bytes(0)).value_or(MessageId{});
  record.time = from_millis(row.integer(1));
  record.kind = row.bytes(2);
  const auto client = row.bytes(3);
  if (client.size() == 4 || client.size() == 16) {
    record.client = IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(client.data()), client.size());
  }
  record.helo = row.bytes(4);
  record.listener = row.bytes(5);
  record.sender = row.bytes(6);
  record.recipients = split_lines(row.bytes(7));
  record.verdict = row.bytes(8);
  record.reply = row.bytes(9);
  record.decided_by = row.bytes(10);
  record.score = static_cast<double>(row.integer(11)) / score_unit;
  record.findings = split_lines(row.bytes(12));
  return record;
}

Result<std::vector<HistoryRecord>> search_history(Database& database, const HistoryFilter& filter) {
  std::vector<HistoryRecord> records;
  struct Value {
    std::string bytes;
    bool is_blob;
  };
  std::vector<Value> values;
  std::string sql = fmt::format("SELECT {} FROM ", history_columns);
  const auto add = [&](std::string_view condition, std::string value, bool is_blob = false) {
    values.push_back({std::move(value), is_blob});
    sql += fmt::format(fmt::runtime(condition), fmt::arg("n", values.size()));
  };
  std::string_view key = "h.key";
  if (!filter.text.empty()) {
    auto expression = words_expression(filter.text);
    if (!expression) return records;
    // What the index knows too narrows there: rows it answers are looked up one by one.
    if (!filter.verdict.empty()) *expression += fmt::format(" AND (verdict : {})", quoted(filter.verdict));
    if (!filter.finding.empty()) *expression += fmt::format(" AND (findings : {})", quoted(filter.finding));
    add("history_text t CROSS JOIN history h ON h.key = t.rowid WHERE t.history_text MATCH ?{n}", *expression);
    key = "t.rowid";
  } else {
    sql += "history h WHERE 1";
  }
  if (filter.client) {
    if (filter.client->prefix() == filter.client->address().bits()) {
      add(" AND h.client = ?{n}", address_bytes(filter.client->address()), true);
    } else {
      add(" AND h.client >= ?{n}", address_bytes(filter.client->address()), true);
      add(" AND h.client <= ?{n} AND length(h.client) = length(?{n})", last_of(*filter.client), true);
    }
  }
  if (!filter.verdict.empty()) add(" AND h.verdict = ?{n}", filter.verdict);
  if (!filter.finding.empty()) {
    add(" AND h.key IN (SELECT history FROM history_finding WHERE code = ?{n} OR (code > ?{n} || '.' AND code < ?{n} "
        "|| "
        "'/'))",
        filter.finding);
  }
  if (!filter.from.empty()) add(" AND h.sender LIKE ?{n} ESCAPE '\\'", like(filter.from));
  if (!filter.to.empty()) add(" AND h.recipients LIKE ?{n} ESCAPE '\\'", like(filter.to));
  if (filter.since) {
    sql += fmt::format(" AND h.time >= {} AND {} >= {}", to_millis(*filter.since), key,
                       first_key_since(database, *filter.since));
  }
  if (filter.until) {
    sql += fmt::format(" AND h.time <= {} AND {} <= {}", to_millis(*filter.until), key,
                       last_key_until(database, *filter.until));
  }
  if (filter.before) {
    Statement row{database, "SELECT key FROM history WHERE id = ?1"};
    row.bind_blob(1, filter.before->bytes());
    if (!row.row()) return answer(database, std::move(records));
    sql += fmt::format(" AND {} < {}", key, row.integer(0));
    row.reset();
  }
  sql += fmt::format(" ORDER BY {} DESC LIMIT {}", key, std::min<std::size_t>(filter.limit, 1000));
  Statement statement{database, sql.c_str()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<int>(i + 1);
    if (values[i].is_blob) {
      statement.bind_blob(at, values[i].bytes);
    } else {
      statement.bind_text(at, values[i].bytes);
    }
  }
  while (statement.row()) records.push_back(history_record_of(statement));
  return answer(database, std::move(records));
}

Result<std::optional<HistoryRecord>> show_history(Database& database, const std::string& id) {
  constexpr std::size_t id_letters = 26;  // of a whole MessageId
  std::optional<HistoryRecord> found;
  const auto sql =
      fmt::format("SELECT {}, h.detail FROM history h WHERE h.id BETWEEN ?1 AND ?2 LIMIT 2", history_columns);
  const auto missing = id.size() < id_letters ? id_letters - id.size() : 0;
  const auto first = MessageId::parse(id + std::string(missing, '0'));
  const auto last = MessageId::parse(id + std::string(missing, 'Z'));
  if (!first || !last || id.empty()) return found;
  {
    Statement statement{database, sql.c_str()};
    statement.bind_blob(1, first->bytes()).bind_blob(2, last->bytes());
    if (statement.row()) {
      found = history_record_of(statement);
      found->detail = statement.bytes(13);
      if (statement.row()) found.reset();
      statement.reset();
      return answer(database, std::move(found));
    }
  }
  if (missing > 0) return answer(database, std::move(found));
  const auto further =
      fmt::format("SELECT {}, h.detail FROM history_further f JOIN history h ON h.key = f.history WHERE f.id = ?1",
                  history_columns);
  Statement statement{database, further.c_str()};
  statement.bind_blob(1, first->bytes());
  if (statement.row()) {
    found = history_record_of(statement);
    found->detail = statement.bytes(13);
    statement.reset();
  }
  return answer(database, std::move(found));
}

Result<std::vector<MessageId>> ids_of(Database& database, const MessageId& id) {
  std::vector<MessageId> ids{id};
  Statement rows{
      database, "SELECT f.id FROM history h JOIN history_further f ON f.history = h.key WHERE h.id = ?1 ORDER BY f.id"};
  rows.bind_blob(1, id.bytes());
  while (rows.row()) {
    if (const auto further = MessageId::from_bytes(rows.bytes(0))) ids.push_back(*further);
  }
  return answer(database, std::move(ids));
}

Result<std::vector<Delivery>> deliveries_of(Database& database, const MessageId& id) {
  std::vector<Delivery> deliveries;
  auto ids = ids_of(database, id);
  if (!ids) return fail(ids);
  Statement rows{
      database,
      "SELECT time, recipient, outcome, reply FROM history_delivery WHERE message = ?1 ORDER BY time LIMIT 1000"};
  for (const auto& message : *ids) {
    rows.bind_blob(1, message.bytes());
    while (rows.row()) {
      deliveries.push_back({message, from_millis(rows.integer(0)), std::string{rows.bytes(1)},
                            std::string{rows.bytes(2)}, std::string{rows.bytes(3)}});
    }
    if (deliveries.size() >= deliveries_limit) break;
  }
  std::ranges::sort(deliveries, {}, [](const Delivery& one) { return std::pair{one.time, one.recipient}; });
  if (deliveries.size() > deliveries_limit) deliveries.resize(deliveries_limit);
  return answer(database, std::move(deliveries));
}

Result<std::vector<Tally>> verdict_tallies(Database& database, WallTime since, std::chrono::seconds step,
                                           WallTime now) {
  const std::int64_t length = std::chrono::milliseconds{step}.count();
  const bool by_hour = to_millis(since) < to_millis(now) - fine_millis || length % hour_millis == 0;
  const auto kind = by_hour ? TallyKind::verdict_hour : TallyKind::verdict_minute;
  std::vector<Tally> tallies;
  Statement rows{database,
                 "SELECT start - start % ?3 AS step, name, sum(count) FROM history_tally WHERE kind = ?1 AND "
                 "start >= ?2 GROUP BY step, name ORDER BY step, name"};
  rows.bind(1, static_cast<int>(kind)).bind(2, to_millis(since)).bind(3, std::max(length, minute_millis));
  while (rows.row()) {
    tallies.push_back(
        {from_millis(rows.integer(0)), std::string{rows.bytes(1)}, static_cast<std::uint64_t>(rows.integer(2))});
  }
  return answer(database, std::move(tallies));
}

Result<std::map<std::string, std::uint64_t>> finding_tallies(Database& database, WallTime since, WallTime now) {
  const bool by_hour = to_millis(since) < to_millis(now) - fine_millis + slot_millis;
  const auto kind = by_hour ? TallyKind::finding_hour : TallyKind::finding_slot;
  const auto length = by_hour ? hour_millis : slot_millis;
  std::map<std::string, std::uint64_t> counts;
  Statement rows{database, "SELECT name, sum(count) FROM history_tally WHERE kind = ?1 AND start >= ?2 GROUP BY name"};
  rows.bind(1, static_cast<int>(kind)).bind(2, to_millis(since) - to_millis(since) % length);
  while (rows.row()) counts.emplace(rows.bytes(0), static_cast<std::uint64_t>(rows.integer(1)));
  return answer(database, std::move(counts));
}

}  // namespace mailreeve::store::sqlite
