// SPDX-License-Identifier: Apache-2.0
#include "web/queue_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "mail/date.h"
#include "web/queue_json.h"

namespace mailreeve::web {
namespace {

using store::AdminAction;

constexpr std::size_t destination_limit = 1000;

boost::json::value optional_time(const std::optional<WallTime>& time) {
  return time ? boost::json::value(mail::iso8601(*time)) : boost::json::value(nullptr);
}

std::optional<AdminAction> parse_action(std::string_view text) {
  if (text == "retry") return AdminAction::retry;
  if (text == "hold") return AdminAction::hold;
  if (text == "release") return AdminAction::release;
  if (text == "drop") return AdminAction::drop;
  return std::nullopt;
}

using Query = std::map<std::string, std::string>;

std::unexpected<Error> bad_query(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

Result<void> read_state(const std::string& value, store::Filter& filter) {
  filter.state = store::parse_recipient_state(value);
  if (!filter.state) {
    return bad_query(
        fmt::format("unknown state \"{}\": write queued, held, refused, expired, delivered or dropped", value));
  }
  return {};
}

Result<void> read_limit(const std::string& value, store::Filter& filter) {
  const auto* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, filter.limit);
  if (error != std::errc{} || stop != end || filter.limit == 0 || filter.limit > page_limit) {
    return bad_query(fmt::format("limit must be a number from 1 to {}", page_limit));
  }
  return {};
}

Result<void> read_after(const std::string& value, store::Filter& filter) {
  filter.after = MessageId::parse(value);
  if (!filter.after) return bad_query(fmt::format("after must be the id of a message, not \"{}\"", value));
  return {};
}

/// What is not understood is refused, never passed over: a filter left out would let an action reach other people's
/// mail.
Result<store::Filter> read_filter(const Query& query, bool is_page) {
  store::Filter filter;
  for (const auto& [key, value] : query) {
    Result<void> read;
    if (value.empty()) {
      read = bad_query(fmt::format("\"{}\" is empty", key));
    } else if (key == "state") {
      read = read_state(value, filter);
    } else if (key == "destination") {
      filter.destination = value;
    } else if (key == "sender") {
      filter.sender = value;
    } else if (key == "recipient") {
      filter.recipient = value;
    } else if (key == "limit" && is_page) {
      read = read_limit(value, filter);
    } else if (key == "after" && is_page) {
      read = read_after(value, filter);
    } else {
      read = bad_query(fmt::format("there is no filter \"{}\"", key));
    }
    if (!read) return fail(read);
  }
  return filter;
}

net::HttpResponse no_message(const std::string& id) {
  return problem(404, "Not found", fmt::format("there is no message {} in the queue", id));
}

net::HttpResponse bad_request(const Error& error) { return problem(400, "Bad request", error.text); }

void wake_after(AdminAction action, const Services& services) {
  const bool makes_due = action == AdminAction::retry || action == AdminAction::release;
  if (makes_due && services.wake_queue) services.wake_queue();
}

net::HttpResponse changed(std::uint64_t count) { return json(boost::json::object{{"changed", count}}); }

/// Takes learn=spam or learn=ham out of the query.
Result<std::optional<store::MailClass>> read_learn(Query& query) {
  const auto found = query.find("learn");
  if (found == query.end()) return std::optional<store::MailClass>{};
  const auto value = found->second;
  query.erase(found);
  if (value == "spam") return store::MailClass::spam;
  if (value == "ham") return store::MailClass::ham;
  return bad_query("learn: write spam or ham");
}

Task<net::HttpResponse> change_message(Call call, AdminAction action) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto query = call.request.query;
  const auto learns = read_learn(query);
  if (!learns) co_return bad_request(learns.error());
  if (!query.empty()) co_return problem(400, "Bad request", "an action on one message takes no filters");
  auto& queue = call.services->queue;
  const auto found = co_await queue.show(*id);
  if (!found) co_return problem(found.error());
  if (!*found) co_return no_message(call.argument);
  if (*learns) {
    // First, as long as its octets are there for sure.
    if (!call.services->teach) co_return problem(503, "Unavailable", "only a running gateway can learn from its queue");
    const auto learnt = co_await call.services->teach(*id, **learns);
    if (!learnt) co_return problem(learnt.error());
  }
  const auto count = co_await queue.change(action, id, {}, call.services->clock.now());
  if (!count) co_return problem(count.error());
  wake_after(action, *call.services);
  co_return changed(*count);
}

}  // namespace

Task<net::HttpResponse> list_queue(Call call) {
  auto filter = read_filter(call.request.query, true);
  if (!filter) co_return bad_request(filter.error());
  const auto limit = filter->limit;
  const auto found = co_await call.services->queue.list(std::move(*filter));
  if (!found) co_return problem(found.error());
  QueuePage page;
  for (const auto& message : *found) page.messages.push_back(to_entry(message));
  if (page.messages.size() == limit) page.next = page.messages.back().id;
  co_return json(to_json(page));
}

Task<net::HttpResponse> show_destinations(Call call) {
  const auto found = co_await call.services->queue.destinations(destination_limit);
  if (!found) co_return problem(found.error());
  boost::json::array all;
  for (const auto& one : *found) {
    boost::json::object object;
    object["destination"] = readable(one.destination);
    object["queued"] = one.queued;
    object["held"] = one.held;
    object["refused"] = one.refused;
    object["expired"] = one.expired;
    object["bytes"] = one.bytes;
    object["oldest"] = optional_time(one.oldest);
    object["next"] = optional_time(one.next);
    object["last_reply"] = readable(one.last_reply);
    object["active"] = one.active;
    all.push_back(std::move(object));
  }
  boost::json::object answer;
  answer["destinations"] = std::move(all);
  co_return json(answer);
}

Task<net::HttpResponse> show_message(Call call) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  const auto found = co_await call.services->queue.show(*id);
  if (!found) co_return problem(found.error());
  if (!*found) co_return no_message(call.argument);
  co_return json(to_json(to_entry(**found)));
}

Task<net::HttpResponse> show_body(Call call) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  const auto found = co_await call.services->queue.body(*id);
  if (!found && found.error().kind == ErrorKind::not_found) co_return no_message(call.argument);
  if (!found) co_return problem(found.error());
  auto bytes = mail::read_whole(**found, body_answer);
  if (!bytes) co_return problem(bytes.error());
  net::HttpResponse response;
  response.type = "message/rfc822";
  response.body = std::move(*bytes);
  co_return response;
}

Task<net::HttpResponse> retry_message(Call call) { return change_message(std::move(call), AdminAction::retry); }
Task<net::HttpResponse> hold_message(Call call) { return change_message(std::move(call), AdminAction::hold); }
Task<net::HttpResponse> release_message(Call call) { return change_message(std::move(call), AdminAction::release); }
Task<net::HttpResponse> drop_message(Call call) { return change_message(std::move(call), AdminAction::drop); }

Task<net::HttpResponse> change_many(Call call) {
  const auto action = parse_action(call.argument);
  if (!action) co_return problem(404, "Not found", fmt::format("there is no action \"{}\"", call.argument));
  auto query = call.request.query;
  bool is_all = false;
  if (const auto all = query.find("all"); all != query.end()) {
    if (all->second != "true") co_return problem(400, "Bad request", "write all=true, or leave it out");
    is_all = true;
    query.erase(all);
  }
  auto filter = read_filter(query, false);
  if (!filter) co_return bad_request(filter.error());
  if (query.empty() && !is_all) {
    co_return problem(400, "Bad request", "name a filter, or say all=true to mean every message");
  }
  const auto count =
      co_await call.services->queue.change(*action, std::nullopt, std::move(*filter), call.services->clock.now());
  if (!count) co_return problem(count.error());
  wake_after(*action, *call.services);
  co_return changed(*count);
}

}  // namespace mailreeve::web
