// SPDX-License-Identifier: Apache-2.0
#include "web/quarantine_routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "mail/header.h"
#include "scan/locked_zip.h"
#include "store/wishes.h"
#include "web/json_body.h"
#include "web/quarantine_json.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;

constexpr std::uint64_t download_limit = 256ULL << 20;  // octets
constexpr std::size_t actions_shown = 200;
constexpr std::string_view frame_policy =
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

HttpResponse no_vault() { return problem(503, "Unavailable", "there is no quarantine here: no gateway is running"); }

HttpResponse no_message(const std::string& id) {
  return problem(404, "Not found", fmt::format("there is no message {} in quarantine", readable(id)));
}

std::chrono::seconds keep_of(const Services& services) {
  return services.live == nullptr ? std::chrono::seconds{0} : services.live->get()->options.quarantine.keep;
}

Result<WallTime> read_time(std::string_view key, std::string_view text) {
  std::int64_t millis = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), millis);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    return wrong(fmt::format("{} must be milliseconds since 1970", key));
  }
  return from_millis(millis);
}

Result<void> read_one(const std::string& key, const std::string& value, store::HeldFilter& filter) {
  if (value.empty()) return wrong(fmt::format("\"{}\" is empty", key));
  if (key == "sender") filter.sender = value;
  if (key == "recipient") filter.to = value;
  if (key == "subject") filter.subject = value;
  if (key == "finding") filter.finding = value;
  if (key == "since" || key == "until") {
    const auto time = read_time(key, value);
    if (!time) return std::unexpected(time.error());
    (key == "since" ? filter.since : filter.until) = *time;
  }
  if (key == "kind") {
    filter.kind = store::parse_held_kind(value);
    if (!filter.kind) return wrong("kind: write held or refused");
  }
  if (key == "state") {
    filter.states.clear();
    if (value == "any") return {};
    const auto state = store::parse_held_state(value);
    if (!state || *state == store::HeldState::releasing) {
      return wrong("state: write waiting, asked, released, deleted or any");
    }
    filter.states.push_back(*state);
  }
  return {};
}

/// What is not understood is refused: a filter left out would show, or change, too much.
Result<store::HeldFilter> read_filter(const net::HttpRequest& request) {
  constexpr std::string_view others[] = {"sender", "recipient", "subject", "finding",
                                         "kind",   "state",     "since",   "until"};
  auto query = read_page_query(request, others);
  if (!query) return fail(query);
  store::HeldFilter filter;
  filter.text = query->text;
  filter.limit = query->limit;
  filter.before = query->cursor;
  filter.states = {store::HeldState::waiting, store::HeldState::asked};
  for (const auto& [key, value] : query->others) {
    auto read = read_one(key, value, filter);
    if (!read) return fail(read);
  }
  return filter;
}

struct ActionName {
  std::string_view name;
  HeldOrder::Action action;
  std::string_view noted;  // in the audit log
};
constexpr ActionName action_names[] = {
    {"release", HeldOrder::Action::release, "quarantine.release"},
    {"release_and_allow", HeldOrder::Action::release_and_allow, "quarantine.release-and-allow"},
    {"delete", HeldOrder::Action::remove, "quarantine.delete"},
    {"spam", HeldOrder::Action::spam, "quarantine.spam"},
    {"ham", HeldOrder::Action::ham, "quarantine.ham"},
    {"forward", HeldOrder::Action::forward, "quarantine.forward"},
    {"refuse_request", HeldOrder::Action::decline, "quarantine.refuse-request"},
};

struct Request {
  std::vector<MessageId> ids;
  HeldOrder order;
  std::string_view noted;
};

Result<mail::Mailbox> read_address(std::string_view key, std::string_view text) {
  auto address = mail::Mailbox::parse(text, mail::Utf8::allow);
  if (!address) return wrong(fmt::format("{}: {}", key, address.error().text));
  return address;
}

Result<void> read_recipients(const bj::object& body, HeldOrder& order) {
  const auto* list = body.if_contains("recipients");
  if (list == nullptr) return {};
  if (!list->is_array() || list->as_array().empty() || list->as_array().size() > 1000) {
    return wrong("recipients must be a list of 1 to 1000 addresses; leave it out to mean all");
  }
  for (const auto& one : list->as_array()) {
    if (!one.is_string()) return wrong("recipients must be a list of addresses");
    auto address = read_address("recipients", {one.as_string().data(), one.as_string().size()});
    if (!address) return fail(address);
    order.recipients.push_back(std::move(*address));
  }
  return {};
}

Result<Request> read_request(const net::HttpRequest& request) {
  constexpr std::string_view members[] = {"action", "ids", "recipients", "learn", "to", "reason"};
  const auto body = read_object(request, members);
  if (!body) return std::unexpected(body.error());
  const auto action = required_text(*body, "action");
  if (!action) return std::unexpected(action.error());
  Request out;
  const auto known = std::ranges::find(action_names, *action, &ActionName::name);
  if (known == std::end(action_names)) return wrong("there is no such action");
  out.order.action = known->action;
  out.noted = known->noted;
  auto ids = ids_member(*body);
  if (!ids) return fail(ids);
  out.ids = std::move(*ids);
  if (auto read = read_recipients(*body, out.order); !read) return fail(read);
  const auto learn = text_member(*body, "learn");
  if (!learn) return std::unexpected(learn.error());
  if (*learn) {
    const bool fits = known->action == HeldOrder::Action::release || known->action == HeldOrder::Action::remove ||
                      known->action == HeldOrder::Action::release_and_allow;
    if ((**learn != "spam" && **learn != "ham") || !fits) {
      return wrong("learn: write spam or ham, together with release or delete");
    }
    out.order.learn = **learn == "spam" ? store::MailClass::spam : store::MailClass::ham;
  }
  const auto to = text_member(*body, "to");
  if (!to) return std::unexpected(to.error());
  if (to->has_value() != (known->action == HeldOrder::Action::forward)) {
    return wrong("to is the address to forward to: it belongs to that action alone");
  }
  if (*to) {
    auto address = read_address("to", **to);
    if (!address) return fail(address);
    out.order.to = std::move(*address);
  }
  auto reason = text_member(*body, "reason");
  if (!reason) return fail(reason);
  out.order.reason = reason->value_or("");
  return out;
}

HeldResult failed(const Error& error) { return {false, 0, error.text}; }

/// Whom From names: that is whom people mean by the sender.
std::string author_of(const store::HeldMessage& message) {
  const auto list = mail::parse_address_list(message.from);
  if (!list.addresses.empty() && !list.addresses.front().address.empty()) return list.addresses.front().address;
  return message.envelope.sender ? message.envelope.sender->text() : std::string{};
}

Task<Result<void>> allow_sender(Call call, MessageId id, std::vector<mail::Mailbox> recipients) {
  auto* wishes = call.services->wishes;
  if (wishes == nullptr) co_return fail(ErrorKind::io, "recipients have no lists here");
  const auto shown = co_await call.services->vault->show(id);
  if (!shown) co_return std::unexpected(shown.error());
  if (!*shown) co_return fail(ErrorKind::not_found, "the message is gone");
  const auto author = author_of(**shown);
  const auto entry = store::normal_entry(author);
  if (!entry) co_return std::unexpected(entry.error());
  if (recipients.empty()) {
    for (const auto& recipient : (*shown)->recipients) recipients.push_back(recipient.envelope.address);
  }
  for (const auto& recipient : recipients) {
    const auto added = co_await wishes->add(store::owner_key(recipient), store::WishList::allow, *entry);
    if (!added) co_return std::unexpected(added.error());
  }
  co_return Result<void>{};
}

HeldResult told(const Result<std::uint64_t>& changed, std::string_view done) {
  if (!changed) return failed(changed.error());
  if (*changed == 0) return {true, 0, "somebody had decided about it already"};
  return {true, *changed,
          fmt::format("{} for {}", done, *changed == 1 ? "one recipient" : fmt::format("{} recipients", *changed))};
}

}  // namespace

Task<HeldResult> carry_out(Call call, MessageId id, HeldOrder order) {
  using Action = HeldOrder::Action;
  auto* custodian = call.services->custodian;
  if (custodian == nullptr) co_return HeldResult{false, 0, "no gateway is running that could do it"};
  gateway::Decision decision{id, order.recipients, call.identity.who()};
  auto learn = order.learn;
  if (order.action == Action::spam) learn = store::MailClass::spam;
  if (order.action == Action::ham) learn = store::MailClass::ham;
  // First, as long as its octets are there for sure.
  if (learn) {
    const auto learnt = co_await custodian->learn(id, *learn);
    if (!learnt) co_return failed(learnt.error());
  }
  switch (order.action) {
    case Action::release:
    case Action::release_and_allow: {
      const auto released = co_await custodian->release(std::move(decision));
      auto result = told(released, "released");
      if (!result.ok || order.action == Action::release) co_return result;
      const auto allowed = co_await allow_sender(call, id, order.recipients);
      if (!allowed) result.detail += fmt::format("; its sender could not be allowed: {}", allowed.error().text);
      co_return result;
    }
    case Action::spam:
    case Action::remove: {
      const auto removed = co_await custodian->remove(std::move(decision));
      co_return told(removed, "deleted");
    }
    case Action::ham:
      co_return HeldResult{true, 0, "learnt"};
    case Action::decline: {
      const auto declined = co_await custodian->decline(std::move(decision));
      co_return told(declined, "declined");
    }
    case Action::forward: {
      if (!call.services->forward_held) co_return HeldResult{false, 0, "forwarding is not possible here"};
      const auto sent = co_await call.services->forward_held(
          id, *order.to, fmt::format("{}{}{}", call.identity.who(), order.reason.empty() ? "" : ": ", order.reason));
      if (!sent) co_return failed(sent.error());
      co_return HeldResult{true, 1, "forwarded"};
    }
  }
  co_return HeldResult{false, 0, "there is no such action"};
}

Task<HttpResponse> list_held(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  auto filter = read_filter(call.request);
  if (!filter) co_return problem(400, "Bad request", filter.error().text);
  const auto limit = filter->limit;
  const auto found = co_await call.services->vault->search(std::move(*filter));
  if (!found) co_return problem(found.error());
  const auto keep = keep_of(*call.services);
  bj::array items;
  for (const auto& message : *found) items.push_back(to_json(message, keep));
  bj::object page;
  page["items"] = std::move(items);
  if (found->size() == limit) page["next"] = found->back().id.text();
  co_return json(page);
}

Task<HttpResponse> show_held(Call call) {
  const auto& services = *call.services;
  if (services.vault == nullptr) co_return no_vault();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  const auto found = co_await services.vault->show(*id);
  if (!found) co_return problem(found.error());
  if (!*found) co_return no_message(call.argument);
  auto out = to_json(**found, keep_of(services));
  out["transaction"] = (*found)->transaction.text();
  out["story"] = nullptr;
  if (services.history != nullptr) {
    co_await services.history->flush();
    const auto record = co_await services.history->show((*found)->transaction.text());
    bj::error_code error;
    auto story = record && *record ? bj::parse((*record)->detail, error) : bj::value{};
    if (!error) out["story"] = std::move(story);
  }
  auto& actions = out["actions"].emplace_array();
  if (services.audit != nullptr) {
    store::AuditFilter filter;
    filter.object = id->text();
    filter.limit = actions_shown;
    const auto entries = co_await services.audit->search(std::move(filter));
    if (!entries) co_return problem(entries.error());
    for (const auto& entry : *entries) actions.push_back(to_json(entry));
  }
  co_return json(out);
}

namespace {

Task<Result<std::shared_ptr<const scan::Preview>>> look_into(Call call, MessageId id) {
  const auto& services = *call.services;
  if (services.vault == nullptr || !services.preview) {
    co_return fail(ErrorKind::io, "no gateway is running that could take the message apart");
  }
  const auto body = co_await services.vault->body(id);
  if (!body) co_return std::unexpected(body.error());
  auto preview = co_await services.preview(*body);
  co_return preview;
}

}  // namespace

Task<HttpResponse> preview_answer(Call call, MessageId id) {
  const auto preview = co_await look_into(call, id);
  if (!preview) co_return problem(preview.error());
  const auto noted = co_await record(call, "quarantine.preview", id.text());
  if (!noted) co_return problem(noted.error());
  co_return json(to_json(**preview));
}

Task<HttpResponse> preview_page_answer(Call call, MessageId id) {
  const auto preview = co_await look_into(call, id);
  if (!preview) co_return problem(preview.error());
  HttpResponse response;
  response.type = "text/html; charset=utf-8";
  response.body = scan::preview_page(**preview);
  response.headers.emplace_back("Content-Security-Policy", std::string{frame_policy});
  response.headers.emplace_back("X-Frame-Options", "SAMEORIGIN");
  co_return response;
}

Task<HttpResponse> preview_held(Call call) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto answer = co_await preview_answer(std::move(call), *id);
  co_return answer;
}

Task<HttpResponse> preview_held_page(Call call) {
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto answer = co_await preview_page_answer(std::move(call), *id);
  co_return answer;
}

namespace {

Task<Result<std::string>> whole_message(Call call, MessageId id) {
  const auto body = co_await call.services->vault->body(id);
  if (!body) co_return std::unexpected(body.error());
  auto bytes = mail::read_whole(**body, download_limit);
  co_return bytes;
}

/// Packing takes a second for large ones: not on a loop that mail comes in by.
Task<Result<std::string>> locked(Call call, std::string name, std::string bytes) {
  std::function<Result<std::string>()> work = [name = std::move(name), bytes = std::move(bytes)] {
    return scan::locked_zip(name, bytes, scan::usual_zip_password);
  };
  if (call.services->offload == nullptr) co_return work();
  auto zip = co_await call.services->offload->run<Result<std::string>>(std::move(work));
  co_return zip;
}

}  // namespace

Task<HttpResponse> download_held(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto bytes = co_await whole_message(call, *id);
  if (!bytes) co_return problem(bytes.error());
  auto zip = co_await locked(call, id->text() + ".eml", std::move(*bytes));
  if (!zip) co_return problem(zip.error());
  const auto noted = co_await record(call, "quarantine.download", id->text());
  if (!noted) co_return problem(noted.error());
  HttpResponse response;
  response.type = "application/zip";
  response.body = std::move(*zip);
  response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}.zip\"", id->text()));
  co_return response;
}

Task<HttpResponse> show_held_body(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  auto bytes = co_await whole_message(call, *id);
  if (!bytes) co_return problem(bytes.error());
  const auto noted = co_await record(call, "quarantine.read", id->text());
  if (!noted) co_return problem(noted.error());
  HttpResponse response;
  response.type = "message/rfc822";
  response.body = std::move(*bytes);
  response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}.eml\"", id->text()));
  co_return response;
}

Task<HttpResponse> act_on_held(Call call) {
  if (call.services->vault == nullptr) co_return no_vault();
  const auto request = read_request(call.request);
  if (!request) co_return problem(400, "Bad request", request.error().text);
  bj::array results;
  std::vector<store::AuditEntry> entries;
  for (const auto& id : request->ids) {
    const auto result = co_await carry_out(call, id, request->order);
    bj::object one;
    one["id"] = id.text();
    one["ok"] = result.ok;
    one["changed"] = result.changed;
    one["detail"] = readable(result.detail);
    results.push_back(std::move(one));
    if (!result.ok) continue;
    auto detail = result.detail;
    for (const auto& recipient : request->order.recipients) detail += ' ' + recipient.text();
    if (request->order.to) detail += " to " + request->order.to->text();
    if (!request->order.reason.empty()) detail += ": " + request->order.reason;
    entries.push_back({.key = 0,
                       .time = {},
                       .who = {},
                       .from = {},
                       .action = std::string{request->noted},
                       .object = id.text(),
                       .detail = std::move(detail)});
  }
  if (!entries.empty()) {
    const auto noted = co_await record(call, std::move(entries));
    if (!noted) co_return problem(noted.error());
  }
  bj::object out;
  out["results"] = std::move(results);
  co_return json(out);
}

}  // namespace mailreeve::web
