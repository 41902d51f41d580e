// SPDX-License-Identifier: Apache-2.0
#include "web/history_routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "mail/date.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;

constexpr std::size_t page_limit = 1000;
constexpr std::size_t log_lines = 500;
constexpr std::size_t text_limit = 300;  // octets

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

/// What is not understood is refused: a filter left out would show too much.
Result<store::HistoryFilter> read_filter(const std::map<std::string, std::string>& query) {
  store::HistoryFilter filter;
  for (const auto& [key, value] : query) {
    if (value.empty()) return wrong(fmt::format("\"{}\" is empty", key));
    if (key == "text") {
      if (value.size() > text_limit) return wrong(fmt::format("text: at most {} octets", text_limit));
      filter.text = value;
    } else if (key == "from") {
      filter.from = value;
    } else if (key == "to") {
      filter.to = value;
    } else if (key == "ip") {
      auto network = IpNetwork::parse(value);
      if (!network) return wrong(network.error().text);
      filter.client = *network;
    } else if (key == "since" || key == "until") {
      const auto time = number(value);
      if (!time) return wrong(fmt::format("{} must be milliseconds since 1970", key));
      (key == "since" ? filter.since : filter.until) = from_millis(*time);
    } else if (key == "verdict") {
      filter.verdict = value;
    } else if (key == "finding") {
      filter.finding = value;
    } else if (key == "limit") {
      const auto limit = number(value);
      if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(page_limit)) {
        return wrong(fmt::format("limit must be a number from 1 to {}", page_limit));
      }
      filter.limit = static_cast<std::size_t>(*limit);
    } else if (key == "before") {
      filter.before = MessageId::parse(value);
      if (!filter.before) return wrong("before must be the id of a record");
    } else {
      return wrong(fmt::format("there is no filter \"{}\"", key));
    }
  }
  return filter;
}

bj::array texts(const std::vector<std::string>& values) {
  bj::array all;
  for (const auto& value : values) all.emplace_back(readable(value));
  return all;
}

bj::object to_json(const store::HistoryRecord& record) {
  return {{"id", record.id.text()},
          {"time", mail::iso8601(record.time)},
          {"kind", record.kind},
          {"client", record.client.text()},
          {"helo", readable(record.helo)},
          {"listener", record.listener},
          {"sender", readable(record.sender)},
          {"recipients", texts(record.recipients)},
          {"verdict", record.verdict},
          {"reply", readable(record.reply)},
          {"decided_by", readable(record.decided_by)},
          {"score", record.score},
          {"findings", texts(record.findings)}};
}

bj::array to_json(const std::vector<store::Delivery>& deliveries) {
  bj::array all;
  for (const auto& delivery : deliveries) {
    all.push_back(bj::object{{"time", mail::iso8601(delivery.time)},
                             {"recipient", readable(delivery.recipient)},
                             {"outcome", delivery.outcome},
                             {"reply", readable(delivery.reply)}});
  }
  return all;
}

std::vector<std::string> names_of(const std::vector<MessageId>& ids) {
  std::vector<std::string> names;
  for (const auto& id : ids) names.push_back(id.text());
  return names;
}

}  // namespace

Task<net::HttpResponse> search_history(Call call) {
  if (call.services->history == nullptr) co_return problem(503, "Unavailable", "there is no history here");
  auto filter = read_filter(call.request.query);
  if (!filter) co_return problem(400, "Bad request", filter.error().text);
  co_await call.services->history->flush();
  const auto limit = filter->limit;
  const auto found = co_await call.services->history->search(std::move(*filter));
  if (!found) co_return problem(found.error());
  bj::array records;
  for (const auto& record : *found) records.push_back(to_json(record));
  bj::object page;
  page["records"] = std::move(records);
  if (found->size() == limit) page["next"] = found->back().id.text();
  co_return json(page);
}

Task<net::HttpResponse> show_history(Call call) {
  auto* history = call.services->history;
  if (history == nullptr) co_return problem(503, "Unavailable", "there is no history here");
  co_await history->flush();
  const auto found = co_await history->show(call.argument);
  if (!found) co_return problem(found.error());
  if (!*found) {
    co_return problem(404, "Not found", fmt::format("there is no record {} in history", readable(call.argument)));
  }
  const auto& record = **found;
  const auto ids = co_await history->ids(record.id);
  if (!ids) co_return problem(ids.error());
  const auto deliveries = co_await history->deliveries(record.id);
  if (!deliveries) co_return problem(deliveries.error());
  bj::value held = nullptr;
  if (call.services->vault != nullptr) {
    const auto in_vault = co_await call.services->vault->of_transaction(record.id);
    if (!in_vault) co_return problem(in_vault.error());
    if (*in_vault) held = (*in_vault)->text();
  }
  auto object = to_json(record);
  bj::error_code error;
  auto story = bj::parse(record.detail, error);
  object["story"] = error || !story.is_object() ? bj::value(bj::object()) : std::move(story);
  object["deliveries"] = to_json(*deliveries);
  object["held"] = std::move(held);
  const auto& tail = call.services->insight.log;
  object["log"] = tail ? texts(tail->lines_with(names_of(*ids), log_lines)) : bj::array();
  object["log_complete"] = tail && tail->since() <= record.time;
  co_return json(object);
}

}  // namespace mailreeve::web
