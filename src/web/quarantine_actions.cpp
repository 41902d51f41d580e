// SPDX-License-Identifier: Apache-2.0
// Deciding about held mail.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "mail/header.h"
#include "store/wishes.h"
#include "web/json_body.h"
#include "web/quarantine_routes.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

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

HeldResult failed(const Error& error) { return {.detail = error.text}; }

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
  if (*changed == 0) return {.ok = true, .detail = "somebody had decided about it already"};
  const auto whom = *changed == 1 ? std::string{"one recipient"} : fmt::format("{} recipients", *changed);
  return {true, *changed, fmt::format("{} for {}", done, whom), true};
}

}  // namespace

Task<HeldResult> carry_out(Call call, MessageId id, HeldOrder order) {
  using Action = HeldOrder::Action;
  auto* custodian = call.services->custodian;
  if (custodian == nullptr) co_return HeldResult{.detail = "no gateway is running that could do it"};
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
      co_return HeldResult{true, 0, "learnt", true};
    case Action::decline: {
      const auto declined = co_await custodian->decline(std::move(decision));
      co_return told(declined, "declined");
    }
    case Action::forward: {
      if (!call.services->forward_held) co_return HeldResult{.detail = "forwarding is not possible here"};
      const auto sent = co_await call.services->forward_held(
          id, *order.to, fmt::format("{}{}{}", call.identity.who(), order.reason.empty() ? "" : ": ", order.reason));
      if (!sent) co_return failed(sent.error());
      co_return HeldResult{true, 1, "forwarded", true};
    }
  }
  co_return HeldResult{.detail = "there is no such action"};
}

namespace {

/// For whom, to whom, why: asked for before it is done, since a message may be gone afterwards.
Task<std::string> noted_detail(Call call, MessageId id, HeldOrder order) {
  std::string detail = "for";
  auto recipients = order.recipients;
  const auto shown = co_await call.services->vault->show(id);
  if (recipients.empty() && shown && *shown) {
    for (const auto& recipient : (*shown)->recipients) {
      if (is_open(recipient.state)) recipients.push_back(recipient.envelope.address);
    }
  }
  for (const auto& recipient : recipients) detail += ' ' + recipient.text();
  if (recipients.empty()) detail += " nobody";
  if (order.to) detail += ", to " + order.to->text();
  if (order.learn) detail += *order.learn == store::MailClass::spam ? ", learnt as spam" : ", learnt as ham";
  if (!order.reason.empty()) detail += ": " + order.reason;
  co_return detail;
}

}  // namespace

Task<HttpResponse> act_on_held(Call call) {
  if (call.services->vault == nullptr) {
    co_return problem(503, "Unavailable", "there is no quarantine here: no gateway is running");
  }
  const auto request = read_request(call.request);
  if (!request) co_return problem(400, "Bad request", request.error().text);
  bj::array results;
  for (const auto& id : request->ids) {
    const auto detail = co_await noted_detail(call, id, request->order);
    const auto result = co_await carry_out(call, id, request->order);
    bj::object one;
    one["id"] = id.text();
    one["ok"] = result.ok;
    one["changed"] = result.changed;
    one["detail"] = readable(result.detail);
    results.push_back(std::move(one));
    if (!result.did) continue;
    // At once: a crash in the midst of many must not leave what was done without who did it.
    const auto noted = co_await record(call, std::string{request->noted}, id.text(), detail);
    if (!noted) co_return problem(noted.error());
  }
  bj::object out;
  out["results"] = std::move(results);
  co_return json(out);
}

}  // namespace mailreeve::web
