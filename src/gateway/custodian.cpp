// SPDX-License-Identifier: Apache-2.0
#include "gateway/custodian.h"

#include <fmt/format.h>

#include <algorithm>

#include "mail/composed_body.h"
#include "mail/date.h"
#include "store/wishes.h"

namespace mailreeve::gateway {
namespace {

using store::HeldState;

/// Who released it is for the audit log: names of accounts are no business of the outside.
std::string released_field(const store::Release& release, WallTime now) {
  return fmt::format("X-Mailreeve-Released: id={}; at={}\r\n", release.message.id.text(), mail::iso8601(now));
}

bool is_held_for_virus(const store::HeldMessage& message) {
  return std::ranges::any_of(message.findings, [](const std::string& code) { return code.starts_with("virus.found"); });
}

store::NewMessage queued(const store::Release& release, std::shared_ptr<const mail::Body> body, WallTime now) {
  store::NewMessage fresh;
  fresh.once = true;
  auto& message = fresh.message;
  message.id = release.id;
  message.envelope = release.message.envelope;
  message.origin = release.message.origin;
  message.accepted = now;
  message.size = body->size();
  for (const auto& recipient : release.message.recipients) {
    store::QueuedRecipient to;
    to.number = recipient.number;
    to.envelope = recipient.envelope;
    // The sender heard his refusal long ago: nothing more is to be told to him.
    if (release.message.kind == store::HeldKind::refused) to.envelope.notify = {.set = true, .never = true};
    to.destination = recipient.destination;
    to.due = now;
    message.recipients.push_back(std::move(to));
  }
  fresh.body = std::move(body);
  return fresh;
}

std::unexpected<Error> no_message(MessageId id) {
  return fail(ErrorKind::not_found, fmt::format("there is no message {} in quarantine", id.text()));
}

}  // namespace

Task<Result<std::vector<std::uint32_t>>> Custodian::numbers_of(Decision decision) {
  const auto shown = co_await services_.vault.show(decision.id);
  if (!shown) co_return std::unexpected(shown.error());
  if (!*shown) co_return no_message(decision.id);
  std::vector<std::uint32_t> numbers;
  for (const auto& recipient : (*shown)->recipients) {
    const auto is_meant = [&](const mail::Mailbox& wanted) {
      return store::owner_key(wanted) == store::owner_key(recipient.envelope.address);
    };
    if (decision.recipients.empty() || std::ranges::any_of(decision.recipients, is_meant)) {
      numbers.push_back(recipient.number);
    }
  }
  if (numbers.empty()) {
    co_return fail(ErrorKind::not_found, fmt::format("message {} is for none of these recipients", decision.id.text()));
  }
  co_return numbers;
}

Task<Result<std::uint64_t>> Custodian::change(Decision decision, HeldState state) {
  auto numbers = co_await numbers_of(decision);
  if (!numbers) co_return fail(numbers);
  auto changed =
      co_await services_.vault.change(decision.id, std::move(*numbers), state, decision.by, services_.clock.now());
  co_return changed;
}

Task<Result<std::uint64_t>> Custodian::remove(Decision decision) {
  return change(std::move(decision), HeldState::deleted);
}
Task<Result<std::uint64_t>> Custodian::ask(Decision decision) { return change(std::move(decision), HeldState::asked); }
Task<Result<std::uint64_t>> Custodian::decline(Decision decision) {
  return change(std::move(decision), HeldState::waiting);
}

Task<Result<void>> Custodian::learn(MessageId id, store::MailClass as) {
  auto learnt = co_await services_.teacher.learn(id, as, services_.live.get()->rules->options.bayes.per_domain);
  co_return learnt;
}

// Trouble with an engine keeps nobody from deciding: it was looked at when it came.
Task<Result<void>> Custodian::look_for_viruses(MessageId id) {
  const auto rules = services_.live.get()->rules;
  const auto& options = rules->options.virus;
  if (options.engines.empty()) co_return Result<void>{};
  const auto shown = co_await services_.vault.show(id);
  if (!shown || !*shown || is_held_for_virus(**shown)) co_return Result<void>{};
  const auto body = co_await services_.vault.body(id);
  if (!body) co_return std::unexpected(body.error());
  for (const auto& engine : options.engines) {
    const auto answer = co_await services_.virus.look(services_.loops.at(0), engine, *body, options.time_limit);
    if (answer.kind == judge::VirusAnswer::Kind::found) {
      co_return fail(ErrorKind::refused, fmt::format("not released: by now {} is known in it. Delete it, or forward it "
                                                     "to an analyst",
                                                     answer.name));
    }
  }
  co_return Result<void>{};
}

Task<Result<std::uint64_t>> Custodian::release(Decision decision) {
  const auto name = MessageId::make(services_.clock.now(), services_.random);
  under_way_.insert(name);
  auto released = co_await release_as(name, std::move(decision));
  under_way_.erase(name);
  co_return released;
}

Task<Result<std::uint64_t>> Custodian::release_as(MessageId name, Decision decision) {
  auto numbers = co_await numbers_of(decision);
  if (!numbers) co_return fail(numbers);
  const auto clean = co_await look_for_viruses(decision.id);
  if (!clean) co_return std::unexpected(clean.error());
  const auto now = services_.clock.now();
  auto begun = co_await services_.vault.begin_release(decision.id, std::move(*numbers), name, decision.by, now);
  if (!begun) co_return fail(begun);
  if (!*begun) co_return std::uint64_t{0};
  const auto count = (*begun)->message.recipients.size();
  auto handed = co_await hand_over(std::move(**begun), true);
  if (!handed) co_return fail(handed);
  co_return std::uint64_t{count};
}

Task<void> Custodian::undo(MessageId release) {
  const auto cancelled = co_await services_.vault.cancel_release(release);
  if (!cancelled) services_.log.error("quarantine", {{"id", release.text()}, {"error", cancelled.error().text}});
}

Task<Result<void>> Custodian::hand_over(store::Release release, bool first) {
  const auto name = release.id;
  const auto now = services_.clock.now();
  auto body = co_await services_.vault.body(release.message.id);
  Result<std::shared_ptr<const mail::Body>> marked = fail(ErrorKind::io, "");
  if (body) {
    marked = mail::compose(released_field(release, now), std::move(*body), {});
  } else {
    marked = fail(body);
  }
  if (!marked) {
    if (first) co_await undo(name);
    co_return fail(marked);
  }
  auto message = queued(release, std::move(*marked), now);
  auto accepted = co_await services_.queue.accept(std::move(message));
  if (!accepted) {
    // A store that failed may have taken it all the same: then the release stays begun and is tried again, under its
    // name, for as long as it takes. Where the first try found no room, nothing was taken.
    if (first && accepted.error().kind == ErrorKind::full) co_await undo(name);
    co_return accepted;
  }
  services_.runner.wake();
  services_.log.info("quarantine.released", {{"id", release.message.id.text()},
                                             {"queued_as", name.text()},
                                             {"recipients", release.message.recipients.size()},
                                             {"by", release.by}});
  auto ended = co_await services_.vault.end_release(name, now);
  co_return ended;
}

Task<void> Custodian::finish_releases() {
  auto unfinished = co_await services_.vault.unfinished_releases();
  if (!unfinished) co_return;
  for (auto& release : *unfinished) {
    if (under_way_.contains(release.id)) continue;
    const auto id = release.message.id.text();
    const auto handed = co_await hand_over(std::move(release), false);
    if (!handed) services_.log.error("quarantine", {{"id", id}, {"release_not_finished", handed.error().text}});
  }
}

Task<Result<std::uint64_t>> Custodian::expire() {
  const auto keep = services_.live.get()->options.quarantine.keep;
  auto expired = co_await services_.vault.expire(services_.clock.now() - keep);
  co_return expired;
}

}  // namespace mailreeve::gateway
