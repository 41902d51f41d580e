// SPDX-License-Identifier: Apache-2.0
#include "web/waiting_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "judge/greylist.h"
#include "mail/characters.h"
#include "mail/date.h"
#include "web/json_body.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using store::HistoryRecord;

constexpr std::size_t history_page = 1000;
constexpr std::size_t most_pages = 5;       // of history, of each verdict
constexpr std::size_t most_look_ups = 500;  // whether somebody came back, in one answer
constexpr std::string_view greylisted = "greylist";
constexpr std::string_view put_off = "defer";

struct Waiting {
  const HistoryRecord* last = nullptr;
  WallTime first;
  std::size_t tries = 0;
};

/// Whose mail may be seen; nothing: everybody's.
using Owner = std::optional<std::string>;

bool is_for(const Owner& owner, const std::string& recipient) {
  if (!owner) return true;
  const auto address = mail::Mailbox::parse(recipient, mail::Utf8::allow);
  return address && store::owner_key(*address) == *owner;
}

std::vector<std::string> recipients_of(const HistoryRecord& record, const Owner& owner) {
  std::vector<std::string> own;
  std::ranges::copy_if(record.recipients, std::back_inserter(own),
                       [&](const std::string& recipient) { return is_for(owner, recipient); });
  return own;
}

/// Words that stand in every record of this owner's: the page of history that is looked at holds others' too.
std::string words_for(const Owner& owner, std::string text) {
  if (!owner) return text;
  const auto at = owner->rfind('@');
  if (at == std::string::npos || owner->find_first_of(" \t\r\n") != std::string::npos) return text;
  return fmt::format("{} {} {}", owner->substr(0, at), owner->substr(at + 1), text);
}

Task<Result<std::vector<HistoryRecord>>> tries_of(store::History& history, std::string verdict, std::string text,
                                                  Owner owner, WallTime since) {
  std::vector<HistoryRecord> all;
  store::HistoryFilter filter;
  filter.verdict = std::move(verdict);
  filter.text = words_for(owner, std::move(text));
  filter.since = since;
  filter.limit = history_page;
  for (std::size_t page = 0; page < most_pages; ++page) {
    auto found = co_await history.search(filter);
    if (!found) co_return fail(found);
    const bool last = found->size() < history_page;
    if (!last) filter.before = found->back().id;
    for (auto& record : *found) {
      const auto mine = [&](const std::string& recipient) { return is_for(owner, recipient); };
      if (record.kind == "transaction" && std::ranges::any_of(record.recipients, mine))
        all.push_back(std::move(record));
    }
    if (last) break;
  }
  co_return all;
}

std::string key_of(const HistoryRecord& record) {
  std::vector<std::string> recipients;
  for (const auto& recipient : record.recipients) recipients.push_back(mail::lower(recipient));
  std::ranges::sort(recipients);
  return fmt::format("{}\n{}\n{}", mail::lower(record.sender), judge::network_of(record.client),
                     fmt::join(recipients, "\n"));
}

/// Newest first. `records`: newest first; the answer points into it.
std::vector<Waiting> joined(const std::vector<HistoryRecord>& records) {
  std::vector<Waiting> all;
  std::map<std::string, std::size_t> known;
  for (const auto& record : records) {
    const auto [place, is_new] = known.emplace(key_of(record), all.size());
    if (is_new) all.push_back({&record, record.time, 0});
    auto& waiting = all[place->second];
    ++waiting.tries;
    // A try that was put off for our own trouble began no waiting of greylisting's.
    if (record.verdict == waiting.last->verdict) waiting.first = std::min(waiting.first, record.time);
  }
  return all;
}

bool is_final(std::string_view verdict) {
  return verdict != greylisted && verdict != put_off && verdict != "abort" && verdict != "disconnect";
}

/// Was something of this sender for one of these recipients decided since? From another machine, perhaps.
Task<Result<bool>> came_back(store::History& history, HistoryRecord tried) {
  store::HistoryFilter filter;
  filter.text = tried.sender.empty() ? (tried.recipients.empty() ? std::string{} : tried.recipients.front())
                                     : fmt::format("\"{}\"", tried.sender);
  filter.since = tried.time;
  filter.limit = history_page;
  const auto found = co_await history.search(std::move(filter));
  if (!found) co_return std::unexpected(found.error());
  for (const auto& record : *found) {
    if (record.time <= tried.time || !is_final(record.verdict)) continue;
    if (!mail::equals_ignoring_case(record.sender, tried.sender)) continue;
    const auto again = [&](const std::string& recipient) {
      return std::ranges::any_of(tried.recipients,
                                 [&](const std::string& one) { return mail::equals_ignoring_case(one, recipient); });
    };
    if (std::ranges::any_of(record.recipients, again)) co_return true;
  }
  co_return false;
}

Task<bool> is_let_in(store::Marks* marks, HistoryRecord record, Owner owner, WallTime now) {
  if (marks == nullptr || record.verdict != greylisted) co_return false;
  const auto recipients = recipients_of(record, owner);
  for (const auto& recipient : recipients) {
    auto key = judge::let_in_key(record.sender, recipient, record.client);
    const auto mark = co_await marks->find(std::move(key), now);
    if (!mark) co_return false;
  }
  co_return true;
}

std::string why_of(const HistoryRecord& record) {
  if (record.verdict == put_off) return fmt::format("{}: it could not be examined", record.decided_by);
  if (record.decided_by == "score") return fmt::format("score {:.1f}: asked to come back", record.score);
  return fmt::format("{}: asked to come back", record.decided_by);
}

std::chrono::seconds greylist_delay(const Services& services) {
  return services.live == nullptr ? std::chrono::seconds{0} : services.live->get()->rules->options.greylist.delay;
}

bj::object to_json(const Waiting& waiting, const Services& services, const Owner& owner, bool let_in) {
  const auto& record = *waiting.last;
  bj::array recipients;
  for (const auto& recipient : recipients_of(record, owner)) recipients.emplace_back(readable(recipient));
  bj::value ready;
  if (record.verdict == greylisted) {
    ready = mail::iso8601(let_in ? record.time : waiting.first + greylist_delay(services));
  }
  bj::object out;
  out["id"] = record.id.text();
  out["kind"] = record.verdict;
  out["time"] = mail::iso8601(record.time);
  out["first"] = mail::iso8601(waiting.first);
  out["tries"] = waiting.tries;
  out["ready"] = std::move(ready);
  out["sender"] = readable(record.sender);
  out["recipients"] = std::move(recipients);
  out["client"] = record.client.text();
  out["why"] = readable(why_of(record));
  out["let_in"] = let_in;
  return out;
}

Task<net::HttpResponse> list(Call call, Owner owner) {
  const auto& services = *call.services;
  if (services.history == nullptr) co_return problem(503, "Unavailable", "there is no history here");
  auto& history = *services.history;
  const auto query = read_page_query(call.request);
  if (!query) co_return problem(400, "Bad request", query.error().text);
  co_await history.flush();
  const auto now = services.clock.now();
  auto records = co_await tries_of(history, std::string{greylisted}, query->text, owner, now - waiting_since);
  if (!records) co_return problem(records.error());
  auto deferred = co_await tries_of(history, std::string{put_off}, query->text, owner, now - waiting_since);
  if (!deferred) co_return problem(deferred.error());
  std::ranges::move(*deferred, std::back_inserter(*records));
  std::ranges::sort(*records, std::ranges::greater{}, &HistoryRecord::id);
  bj::array items;
  bj::object page;
  std::size_t looked = 0;
  const auto all = joined(*records);
  for (const auto& waiting : all) {
    if (query->cursor && waiting.last->id >= *query->cursor) continue;
    const auto back = co_await came_back(history, *waiting.last);
    if (!back) co_return problem(back.error());
    if (!*back) {
      const bool let = co_await is_let_in(services.marks, *waiting.last, owner, now);
      items.emplace_back(to_json(waiting, services, owner, let));
    }
    if (++looked == most_look_ups || items.size() == query->limit) {
      page["next"] = waiting.last->id.text();
      break;
    }
  }
  page["items"] = std::move(items);
  co_return json(page);
}

bj::object result(MessageId id, bool ok, std::size_t changed, std::string_view detail) {
  return {{"id", id.text()}, {"ok", ok}, {"changed", changed}, {"detail", detail}};
}

Task<net::HttpResponse> open_doors(Call call, Owner owner) {
  const auto& services = *call.services;
  if (services.history == nullptr || services.marks == nullptr) {
    co_return problem(503, "Unavailable", "there is no history here");
  }
  constexpr std::string_view members[] = {"ids"};
  auto body = read_object(call.request, members);
  if (!body) co_return problem(400, "Bad request", body.error().text);
  const auto ids = ids_member(*body);
  if (!ids) co_return problem(400, "Bad request", ids.error().text);
  co_await services.history->flush();
  bj::array results;
  std::vector<store::AuditEntry> entries;
  const auto now = services.clock.now();
  for (const auto& id : *ids) {
    const auto shown = co_await services.history->show(id.text());
    if (!shown) co_return problem(shown.error());
    const auto recipients = *shown ? recipients_of(**shown, owner) : std::vector<std::string>{};
    // Somebody else's mail and none at all read the same.
    if (recipients.empty()) {
      results.emplace_back(result(id, false, 0, "there is no such mail"));
      continue;
    }
    const auto& record = **shown;
    if (record.verdict != greylisted) {
      results.emplace_back(result(id, false, 0, "it was not greylisted: its sender may come back at any time"));
      continue;
    }
    for (const auto& recipient : recipients) {
      const auto key = judge::let_in_key(record.sender, recipient, record.client);
      co_await services.marks->put(key, {1, now, now + judge::let_in_time, {}});
    }
    store::AuditEntry entry;
    entry.action = "waiting.let-in";
    entry.object = id.text();
    entry.detail = fmt::format("{} to {}", record.sender.empty() ? "<>" : record.sender, fmt::join(recipients, ", "));
    entries.push_back(std::move(entry));
    results.emplace_back(result(id, true, recipients.size(), "it passes at its next try"));
  }
  if (!entries.empty()) {
    const auto noted = co_await record(call, std::move(entries));
    if (!noted) co_return problem(noted.error());
  }
  co_return json(bj::object{{"results", std::move(results)}});
}

/// Of the session's recipient; empty for anybody else, who then owns nothing.
std::string owner_of(const Identity& identity) {
  const auto address = mail::Mailbox::parse(identity.address, mail::Utf8::allow);
  return address ? store::owner_key(*address) : std::string{};
}

}  // namespace

Task<net::HttpResponse> list_waiting(Call call) { return list(std::move(call), std::nullopt); }
Task<net::HttpResponse> let_in(Call call) { return open_doors(std::move(call), std::nullopt); }
Task<net::HttpResponse> list_own_waiting(Call call) {
  auto owner = owner_of(call.identity);
  return list(std::move(call), std::move(owner));
}
Task<net::HttpResponse> let_in_own(Call call) {
  auto owner = owner_of(call.identity);
  return open_doors(std::move(call), std::move(owner));
}

}  // namespace mailreeve::web
