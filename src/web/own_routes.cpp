// SPDX-License-Identifier: Apache-2.0
#include "web/own_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "gateway/held_rights.h"
#include "judge/plain_words.h"
#include "mail/date.h"
#include "web/json_body.h"
#include "web/own_actions.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using net::HttpResponse;
using store::DigestTimes;
using store::HeldState;

constexpr DigestTimes offered[] = {DigestTimes::never, DigestTimes::hourly, DigestTimes::daily, DigestTimes::weekdays,
                                   DigestTimes::weekly};

/// The session's own address. Nobody else has one, whatever scopes he has.
std::optional<mail::Mailbox> owner_of(const Call& call) {
  if (call.identity.kind != Identity::Kind::recipient) return std::nullopt;
  auto address = mail::Mailbox::parse(call.identity.address, mail::Utf8::allow);
  if (!address) return std::nullopt;
  return std::move(*address);
}

HttpResponse no_owner() { return problem(403, "Forbidden", "this page is for recipients: sign in with your address"); }

HttpResponse no_message(const std::string& id) {
  return problem(404, "Not found", fmt::format("there is no message {} in your quarantine", readable(id)));
}

HttpResponse no_gateway() { return problem(503, "Unavailable", "no gateway is running"); }

HttpResponse bad_request(const Error& error) {
  if (error.kind == ErrorKind::full) return problem(409, "Conflict", error.text);
  if (error.blame == Blame::peer) return problem(400, "Bad request", error.text);
  return problem(error);
}

Result<std::vector<HeldState>> read_states(const PageQuery& query) {
  const auto given = query.others.find("state");
  if (given == query.others.end()) return std::vector{HeldState::waiting, HeldState::asked};
  if (given->second == "any") return std::vector<HeldState>{};
  const auto state = store::parse_held_state(given->second);
  if (!state || *state == HeldState::releasing) {
    return fail(ErrorKind::invalid, "state: write waiting, asked, released, deleted or any", Blame::peer);
  }
  return std::vector{*state};
}

/// Of the recipient's several rows, one for each +tag, the one that still waits for him.
HeldState state_for(const store::HeldMessage& message, const std::string& owner) {
  auto state = HeldState::deleted;
  for (const auto& recipient : message.recipients) {
    if (store::owner_key(recipient.envelope.address) == owner) state = std::min(state, recipient.state);
  }
  return state == HeldState::releasing ? HeldState::released : state;
}

/// He asked, and somebody said no: only that makes a recipient wait again.
bool was_declined(const store::HeldMessage& message, const std::string& owner) {
  return std::ranges::any_of(message.recipients, [&](const store::HeldRecipient& recipient) {
    return recipient.state == HeldState::waiting && !recipient.by.empty() &&
           store::owner_key(recipient.envelope.address) == owner;
  });
}

bj::object to_json(const store::HeldMessage& message, const std::string& owner,
                   const gateway::QuarantineOptions& options) {
  bj::array attachments;
  for (const auto& attachment : message.attachments) attachments.emplace_back(readable(attachment));
  bj::object out;
  out["id"] = message.id.text();
  out["time"] = mail::iso8601(message.time);
  out["expires"] = mail::iso8601(message.time + options.keep);
  out["kind"] = name(message.kind);
  out["state"] = name(state_for(message, owner));
  out["from"] = readable(message.from);
  out["sender"] = message.envelope.sender ? readable(message.envelope.sender->text()) : std::string{};
  out["subject"] = readable(message.subject);
  out["size"] = message.size;
  out["attachments"] = std::move(attachments);
  out["why"] = readable(judge::plain_reason(message.decided_by, message.findings));
  out["declined"] = was_declined(message, owner);
  out["can_release"] = gateway::recipient_may_release(message, options);
  return out;
}

bj::array texts(const std::vector<std::string>& values) {
  bj::array all;
  for (const auto& value : values) all.emplace_back(readable(value));
  return all;
}

bj::object choice(const judge::Policy& policy) {
  bj::object out;
  out["name"] = policy.name;
  out["label"] = readable(policy.label.empty() ? policy.name : policy.label);
  return out;
}

bj::object settings_of(const Services& services, const mail::Mailbox& owner) {
  const auto key = store::owner_key(owner);
  const auto live = services.live->get();
  const auto& book = live->rules->policies;
  const auto wish = services.wishes->of(key);
  const auto& own = book.of(owner);
  const auto& effective = book.of(owner, wish ? std::string_view{wish->policy} : std::string_view{});
  bj::array policies;
  policies.emplace_back(choice(own));
  for (const auto& other : book.choices(owner)) {
    if (other->name != own.name) policies.emplace_back(choice(*other));
  }
  bj::array digests;
  for (const auto times : offered) digests.emplace_back(name(times));
  bj::object out;
  out["address"] = key;
  out["policy"] = effective.name;
  out["policies"] = std::move(policies);
  out["digest"] = name(wish && wish->digest ? *wish->digest : effective.digest);
  out["digests"] = std::move(digests);
  out["allow"] = wish ? texts(wish->allow) : bj::array{};
  out["block"] = wish ? texts(wish->block) : bj::array{};
  return out;
}

bool has_wishes(const Call& call) { return call.services->wishes != nullptr && call.services->live != nullptr; }

/// What of the settings is to change.
struct Wanted {
  std::optional<std::string> policy;  // empty: the domain's
  std::optional<DigestTimes> digest;
};

std::unexpected<Error> wrong(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

Result<Wanted> read_wanted(const Call& call, const mail::Mailbox& owner) {
  constexpr std::string_view members[] = {"policy", "digest"};
  const auto body = read_object(call.request, members);
  if (!body) return std::unexpected(body.error());
  const auto policy = text_member(*body, "policy");
  if (!policy) return std::unexpected(policy.error());
  const auto digest = text_member(*body, "digest");
  if (!digest) return std::unexpected(digest.error());
  Wanted wanted;
  if (*policy) {
    const auto live = call.services->live->get();
    const auto& book = live->rules->policies;
    const auto is_it = [&](const auto& one) { return one->name == **policy; };
    if (**policy == book.of(owner).name) {
      wanted.policy = "";
    } else if (std::ranges::any_of(book.choices(owner), is_it)) {
      wanted.policy = **policy;
    } else {
      return wrong("policy: that is none of those you may choose");
    }
  }
  if (*digest) {
    wanted.digest = store::parse_digest_times(**digest);
    if (!wanted.digest) return wrong("digest: write never, hourly, daily, weekdays or weekly");
  }
  return wanted;
}

}  // namespace

Task<HttpResponse> list_own_held(Call call) {
  const auto owner = owner_of(call);
  if (!owner) co_return no_owner();
  const auto& services = *call.services;
  if (services.vault == nullptr || services.live == nullptr) co_return no_gateway();
  constexpr std::string_view others[] = {"state"};
  const auto query = read_page_query(call.request, others);
  if (!query) co_return problem(400, "Bad request", query.error().text);
  auto states = read_states(*query);
  if (!states) co_return problem(400, "Bad request", states.error().text);
  const auto key = store::owner_key(*owner);
  store::HeldFilter filter;
  filter.recipient = key;
  filter.text = query->text;
  filter.states = std::move(*states);
  filter.before = query->cursor;
  filter.limit = query->limit;
  const auto found = co_await services.vault->search(std::move(filter));
  if (!found) co_return problem(found.error());
  const auto live = services.live->get();
  bj::array items;
  for (const auto& message : *found) items.emplace_back(to_json(message, key, live->options.quarantine));
  bj::object page;
  page["items"] = std::move(items);
  if (found->size() == query->limit) page["next"] = found->back().id.text();
  co_return json(page);
}

namespace {

using Preview = Task<HttpResponse> (*)(Call, MessageId);

Task<HttpResponse> preview_own(Call call, Preview preview) {
  const auto owner = owner_of(call);
  if (!owner) co_return no_owner();
  const auto id = MessageId::parse(call.argument);
  if (!id) co_return no_message(call.argument);
  const auto found = co_await find_own(call, *id, store::owner_key(*owner));
  if (!found) co_return problem(found.error());
  if (!*found) co_return no_message(call.argument);
  auto response = co_await preview(std::move(call), *id);
  co_return response;
}

}  // namespace

Task<HttpResponse> preview_own_held(Call call) { return preview_own(std::move(call), preview_answer); }
Task<HttpResponse> preview_own_held_page(Call call) { return preview_own(std::move(call), preview_page_answer); }

Task<HttpResponse> act_on_own_held(Call call) {
  const auto owner = owner_of(call);
  if (!owner) co_return no_owner();
  constexpr std::string_view members[] = {"action", "ids"};
  const auto body = read_object(call.request, members);
  if (!body) co_return problem(400, "Bad request", body.error().text);
  const auto word = required_text(*body, "action");
  const auto action = word ? parse_own_action(*word) : std::nullopt;
  if (!action) {
    co_return problem(400, "Bad request", "action: write release, release_and_allow, ask, delete or delete_and_block");
  }
  const auto ids = ids_member(*body);
  if (!ids) co_return problem(400, "Bad request", ids.error().text);
  bj::array results;
  for (const auto& id : *ids) {
    const auto result = co_await act_on_own(call, id, *action, store::owner_key(*owner));
    if (!result) co_return problem(result.error());
    bj::object one;
    one["id"] = id.text();
    one["ok"] = result->ok;
    one["changed"] = result->changed;
    one["detail"] = readable(result->detail);
    results.emplace_back(std::move(one));
  }
  bj::object out;
  out["results"] = std::move(results);
  co_return json(out);
}

Task<HttpResponse> show_own_settings(Call call) {
  const auto owner = owner_of(call);
  if (!owner) co_return no_owner();
  if (!has_wishes(call)) co_return no_gateway();
  co_return json(settings_of(*call.services, *owner));
}

Task<HttpResponse> change_own_settings(Call call) {
  const auto owner = owner_of(call);
  if (!owner) co_return no_owner();
  if (!has_wishes(call)) co_return no_gateway();
  const auto wanted = read_wanted(call, *owner);
  if (!wanted) co_return bad_request(wanted.error());
  const auto key = store::owner_key(*owner);
  auto& wishes = *call.services->wishes;
  std::string detail;
  if (wanted->policy) {
    const auto chosen = co_await wishes.choose_policy(key, *wanted->policy);
    if (!chosen) co_return problem(chosen.error());
    detail += fmt::format("policy {} ", wanted->policy->empty() ? "of the domain" : *wanted->policy);
  }
  if (wanted->digest) {
    const auto chosen = co_await wishes.choose_digest(key, wanted->digest);
    if (!chosen) co_return problem(chosen.error());
    detail += fmt::format("digest {}", name(*wanted->digest));
  }
  if (!detail.empty()) {
    const auto noted = co_await record(call, "own.settings", key, detail);
    if (!noted) co_return problem(noted.error());
  }
  co_return json(settings_of(*call.services, *owner));
}

Task<HttpResponse> change_own_lists(Call call) {
  const auto owner = owner_of(call);
  if (!owner) co_return no_owner();
  if (!has_wishes(call)) co_return no_gateway();
  constexpr std::string_view members[] = {"list", "op", "entry"};
  const auto body = read_object(call.request, members);
  if (!body) co_return bad_request(body.error());
  const auto which = required_text(*body, "list");
  if (!which || (*which != "allow" && *which != "block")) {
    co_return problem(400, "Bad request", "list: write allow or block");
  }
  const auto op = required_text(*body, "op");
  if (!op || (*op != "add" && *op != "remove")) co_return problem(400, "Bad request", "op: write add or remove");
  const auto entry = required_text(*body, "entry");
  if (!entry) co_return bad_request(entry.error());
  const auto list = *which == "allow" ? store::WishList::allow : store::WishList::block;
  const auto key = store::owner_key(*owner);
  auto& wishes = *call.services->wishes;
  Result<bool> changed = false;
  if (*op == "add") {
    changed = co_await wishes.add(key, list, *entry);
  } else {
    changed = co_await wishes.remove(key, list, *entry);
  }
  if (!changed) co_return bad_request(changed.error());
  if (*changed) {
    const auto noted = co_await record(call, fmt::format("own.{}-{}", *which, *op), key, *entry);
    if (!noted) co_return problem(noted.error());
  }
  co_return json(settings_of(*call.services, *owner));
}

}  // namespace mailreeve::web
