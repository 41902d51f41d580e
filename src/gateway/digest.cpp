// SPDX-License-Identifier: Apache-2.0
#include "gateway/digest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "gateway/digest_times.h"
#include "gateway/held_rights.h"
#include "judge/plain_words.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;
using store::DigestTimes;
using store::HeldState;

constexpr auto told_back = 24h * 8;  // what is older than the longest time between two digests is no news
constexpr auto hourly_back = 26h;    // where only hourly digests are due
constexpr std::size_t vault_page = 1000;
constexpr DigestTimes all_times[] = {DigestTimes::hourly, DigestTimes::daily, DigestTimes::weekdays,
                                     DigestTimes::weekly};

/// The same for the same digest, so that a crash between sending and noting it sends nothing twice.
MessageId id_of(const std::string& owner, WallTime slot) {
  const auto hash = sha256_of(fmt::format("digest {} {}", owner, to_millis(slot)));
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < 8; ++i) seed = seed << 8U | hash[i];
  SeededRandom random{seed};
  return MessageId::make(slot, random);
}

std::string days(std::chrono::seconds time) {
  const auto count = std::chrono::duration_cast<std::chrono::hours>(time).count() / 24;
  if (count < 2) return fmt::format("{} hours", std::chrono::duration_cast<std::chrono::hours>(time).count());
  return fmt::format("{} days", count);
}

/// Those recipients of a message, by owner, for whom nobody has decided yet.
std::map<std::string, const store::HeldRecipient*> open_owners(const store::HeldMessage& message) {
  std::map<std::string, const store::HeldRecipient*> owners;
  for (const auto& recipient : message.recipients) {
    if (recipient.state == HeldState::waiting) owners.emplace(store::owner_key(recipient.envelope.address), &recipient);
  }
  return owners;
}

}  // namespace

Task<Result<std::size_t>> Digest::send_due() {
  const auto now = services_.clock.now();
  const auto live = services_.live.get();
  const auto at = live->options.quarantine.digest_at;
  // Between two times at which any kind is due there is nothing to look for.
  const auto is_new = [&](DigestTimes times) {
    const auto slot = latest_slot(times, at, now);
    return slot && (!done_until_ || *slot > *done_until_);
  };
  if (std::ranges::none_of(all_times, is_new)) co_return std::size_t{0};
  const bool only_hourly = std::ranges::count_if(all_times, is_new) == 1 && is_new(DigestTimes::hourly);
  const auto since = now - (only_hourly ? std::chrono::hours{hourly_back} : std::chrono::hours{told_back});
  auto people = co_await collect(since, now, std::nullopt);
  if (!people) co_return fail(people);
  std::size_t sent = 0;
  bool all_went = true;
  for (auto& [owner, person] : *people) {
    const auto slot = due(owner, person, *live, now);
    if (!slot) continue;
    const auto went = co_await send(owner, std::move(person), slot, now);
    if (went && *went) ++sent;
    all_went = all_went && went.has_value();
  }
  if (all_went) done_until_ = now;
  if (sent > 0) services_.log.info("digests", {{"sent", sent}});
  co_return sent;
}

Task<Result<std::size_t>> Digest::send_now(std::optional<mail::Mailbox> recipient) {
  const auto now = services_.clock.now();
  std::optional<std::string> owner;
  if (recipient) owner = store::owner_key(*recipient);
  auto people = co_await collect(now - std::chrono::hours{told_back}, now, std::move(owner));
  if (!people) co_return fail(people);
  std::size_t sent = 0;
  for (auto& [who, person] : *people) {
    const auto went = co_await send(who, std::move(person), std::nullopt, now);
    if (!went) co_return std::unexpected(went.error());
    if (*went) ++sent;
  }
  co_return sent;
}

Task<Result<Digest::People>> Digest::collect(WallTime since, WallTime until, std::optional<std::string> owner) {
  const auto live = services_.live.get();
  People people;
  store::HeldFilter filter;
  filter.states = {HeldState::waiting};
  filter.since = since;
  filter.limit = vault_page;
  if (owner) filter.recipient = *owner;
  while (true) {
    auto found = co_await services_.vault.search(filter);
    if (!found) co_return fail(found);
    for (const auto& message : *found) add(people, message, *live, until);
    if (found->size() < vault_page) break;
    filter.before = found->back().id;
  }
  if (owner) std::erase_if(people, [&](const auto& entry) { return entry.first != *owner; });
  co_return people;
}

// What was told before, and what the recipient blocks himself, is no news.
void Digest::add(People& people, const store::HeldMessage& message, const Live&, WallTime until) const {
  if (message.time > until) return;
  for (const auto& [owner, recipient] : open_owners(message)) {
    const auto wish = services_.wishes.of(owner);
    if (wish && wish->last_digest && message.time <= *wish->last_digest) continue;
    if (wish && store::find_entry(wish->block, sender_address(message))) continue;
    if (wish && message.envelope.sender && store::find_entry(wish->block, message.envelope.sender->text())) continue;
    auto address = mail::Mailbox::parse(owner, mail::Utf8::allow);
    if (!address) continue;
    auto& person = people.try_emplace(owner, Person{std::move(*address), {}, 0, {}, {}}).first->second;
    if (!person.newest) person.newest = message.time;
    person.oldest = message.time;
    if (person.messages.size() < digest_items) {
      person.messages.push_back(message);
      person.messages.back().recipients = {*recipient};
    } else {
      ++person.more;
    }
  }
}

/// The time for which a digest is due and was not sent, where something came before it.
std::optional<WallTime> Digest::due(const std::string& owner, const Person& person, const Live& live,
                                    WallTime now) const {
  const auto wish = services_.wishes.of(owner);
  const auto& policy =
      live.rules->policies.of(person.address, wish ? std::string_view{wish->policy} : std::string_view{});
  const auto times = wish && wish->digest ? *wish->digest : policy.digest;
  const auto slot = latest_slot(times, live.options.quarantine.digest_at, now);
  if (!slot || (wish && wish->last_digest && *wish->last_digest >= *slot)) return std::nullopt;
  if (person.oldest > *slot) return std::nullopt;
  return slot;
}

DigestItem Digest::item_of(const store::HeldMessage& message, const std::string&, const Live& live,
                           WallTime now) const {
  const auto& options = live.options.quarantine;
  DigestItem item;
  item.from = message.from.empty() && message.envelope.sender ? message.envelope.sender->text() : message.from;
  item.subject = message.subject;
  item.when = shown_time(message.time);
  item.why = judge::plain_reason(message.decided_by, message.findings);
  const auto url = services_.url();
  if (url.empty()) return item;
  const auto link = [&](LinkAction action, std::string_view label) {
    LinkClaims claims;
    claims.action = action;
    claims.message = message.id;
    claims.address = message.recipients.front().envelope.address.text();
    const auto end = std::min(now + std::chrono::hours{link_time}, message.time + options.keep);
    claims.expires = std::chrono::floor<std::chrono::seconds>(end);
    claims.nonce = secure_random();
    item.links.push_back({std::string{label}, fmt::format("{}/link/{}", url, services_.key.sign(claims))});
  };
  if (recipient_may_release(message, options)) {
    link(LinkAction::release, "Release");
    link(LinkAction::release_and_allow, "Release and allow sender");
  } else {
    link(LinkAction::ask, "Ask for release");
  }
  link(LinkAction::remove, "Delete");
  return item;
}

Task<Result<bool>> Digest::send(std::string owner, Person person, std::optional<WallTime> slot, WallTime now) {
  const auto live = services_.live.get();
  DigestContent content;
  content.address = owner;
  content.host = live->options.host_name;
  content.more = person.more;
  content.keep = days(live->options.quarantine.keep);
  content.contact = live->rules->contact;
  const auto url = services_.url();
  if (!url.empty()) content.page = url + "/own";
  for (const auto& message : person.messages) {
    auto& list = message.kind == store::HeldKind::held ? content.held : content.refused;
    list.push_back(item_of(message, owner, *live, now));
  }
  auto rendered = render(content);
  OwnMail mail{person.address, std::move(rendered.subject), std::move(rendered.text), std::move(rendered.html), {}};
  if (slot) mail.once = id_of(owner, *slot);
  const auto sent = co_await services_.mailer.send(std::move(mail));
  if (!sent && sent.error().kind == ErrorKind::refused) {
    // Nobody to be told, now or later: whose address is gone keeps no other from getting his.
    services_.log.warning("digest", {{"to", owner}, {"error", sent.error().text}});
  } else if (!sent) {
    services_.log.error("digest", {{"to", owner}, {"error", sent.error().text}});
    co_return std::unexpected(sent.error());
  }
  const auto noted = co_await services_.wishes.told(owner, now);
  if (!noted) co_return std::unexpected(noted.error());
  co_return sent.has_value();
}

}  // namespace mailreeve::gateway
