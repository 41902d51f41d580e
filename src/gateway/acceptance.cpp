// SPDX-License-Identifier: Apache-2.0
#include "gateway/acceptance.h"

#include <fmt/format.h>

#include "delivery/schedule.h"
#include "gateway/held.h"

namespace mailreeve::gateway {
namespace {

using Outcome = delivery::RecipientResult::Outcome;

// The sender waits ten minutes for the answer to its dot (RFC 5321 4.5.3.2.6); with the patience before our own dot
// this stays below that.
constexpr auto answer_patience = std::chrono::minutes{5};

/// What is known of one recipient so far: nothing (to be queued), or what the internal server said.
using Results = std::vector<std::optional<delivery::RecipientResult>>;

/// Recipients that travel together: of one variant, for one destination.
using Groups = std::map<std::pair<std::size_t, std::string>, std::vector<std::size_t>>;

Groups by_destination(const Arrival& arrival) {
  Groups groups;
  for (std::size_t i = 0; i < arrival.recipients.size(); ++i) {
    groups[{arrival.recipients[i].variant, arrival.recipients[i].destination}].push_back(i);
  }
  return groups;
}

bool hands_over_first(const Live& live, const std::string& destination) {
  const auto route = live.plan->routes.find(destination);
  return route != live.plan->routes.end() && route->second.handover == delivery::Handover::before_accept;
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::delivered:
      return "delivered";
    case Outcome::permanent:
      return "refused";
    case Outcome::temporary:
      return "deferred";
  }
  return "unknown";
}

smtp::Reply store_reply(const Error& error) {
  return error.kind == ErrorKind::full ? smtp::replies::storage_full() : smtp::replies::local_trouble();
}

/// One variant as the queue keeps it: recipients already delivered are left out.
store::QueuedMessage to_queue(const Arrival& arrival, std::size_t which, const Results& results, const Live& live,
                              WallTime now, Random& random) {
  const auto& variant = arrival.variants[which];
  store::QueuedMessage message;
  message.id = variant.id;
  message.envelope = arrival.envelope;
  message.origin = arrival.origin;
  message.size = variant.body->size();
  message.accepted = arrival.time;
  for (std::size_t i = 0; i < arrival.recipients.size(); ++i) {
    const auto& result = results[i];
    if (arrival.recipients[i].variant != which || (result && result->outcome == Outcome::delivered)) continue;
    store::QueuedRecipient recipient;
    recipient.number = static_cast<std::uint32_t>(i);
    recipient.envelope = arrival.recipients[i].envelope;
    recipient.destination = arrival.recipients[i].destination;
    recipient.due = now;
    if (result) {
      const auto change = delivery::change_after(message, recipient, *result, now, live.plan->options, random);
      recipient.state = change.state;
      recipient.due = change.due;
      recipient.last_reply = change.reply;
      recipient.attempts = 1;
    }
    message.recipients.push_back(std::move(recipient));
  }
  return message;
}

/// One variant as the vault keeps it.
store::NewHeld to_vault(const Arrival& arrival, std::size_t which, const Live& live) {
  const auto& variant = arrival.variants[which];
  auto item = *variant.held;
  item.message.id = variant.id;
  item.message.time = arrival.time;
  item.message.envelope = arrival.envelope;
  item.message.origin = arrival.origin;
  item.body = variant.body;
  item.max_size = live.options.quarantine.max_size;
  for (std::size_t i = 0; i < arrival.recipients.size(); ++i) {
    if (arrival.recipients[i].variant == which) add_recipient(item, i, arrival.recipients[i]);
  }
  return item;
}

/// Fast path: a destination that has a place is delivered by this process at once, from memory.
std::vector<delivery::Runner::Place> reserve_places(delivery::Runner& runner, store::QueuedMessage& message,
                                                    WallTime now) {
  std::vector<delivery::Runner::Place> places;
  std::map<std::string, bool> asked;
  for (auto& recipient : message.recipients) {
    if (recipient.state != store::RecipientState::queued || recipient.due > now) continue;
    const auto [entry, first] = asked.try_emplace(recipient.destination, false);
    if (first) {
      auto place = runner.reserve(recipient.destination, message.size);
      if (place) {
        places.push_back(std::move(*place));
        entry->second = true;
      }
    }
    if (entry->second) recipient.owner = runner.owner();
  }
  return places;
}

store::Claim claim_for(const store::QueuedMessage& message, const std::string& destination) {
  store::Claim claim{message, destination};
  std::erase_if(claim.message.recipients, [&](const store::QueuedRecipient& recipient) {
    return recipient.destination != destination || recipient.owner.empty();
  });
  return claim;
}

/// Commits what of this variant is not delivered yet, and lets its delivery begin.
Task<Result<void>> store_variant(AcceptanceServices services, net::Loop& loop, const Live& live, const Arrival& arrival,
                                 std::size_t which, const Results& results) {
  const auto now = services.clock.now();
  auto message = to_queue(arrival, which, results, live, now, services.random);
  if (message.recipients.empty()) co_return Result<void>{};
  auto places = reserve_places(services.runner, message, now);
  std::vector<store::Claim> claims;
  for (const auto& place : places) claims.push_back(claim_for(message, place.destination()));
  const auto& body = arrival.variants[which].body;
  store::NewMessage fresh{std::move(message), body, services.runner.lease_end()};
  auto stored = co_await services.queue.accept(std::move(fresh));
  if (!stored) co_return stored;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    services.runner.begin(loop, std::move(places[i]), std::move(claims[i]), body);
  }
  if (claims.empty()) services.runner.wake();
  co_return stored;
}

/// When every recipient was refused for good, the internal server's words go to the sender.
std::optional<smtp::Reply> refused_by_all(const Results& results) {
  for (const auto& result : results) {
    if (!result || result->outcome != Outcome::permanent) return std::nullopt;
  }
  return results.front()->reply;
}

}  // namespace

Task<Result<void>> keep_all(store::Vault& vault, Arrival arrival, std::shared_ptr<const Live> live) {
  for (std::size_t which = 0; which < arrival.variants.size(); ++which) {
    auto item = to_vault(arrival, which, *live);
    auto kept = co_await vault.keep(std::move(item));
    if (!kept) co_return kept;
  }
  co_return Result<void>{};
}

Task<Acceptance> accept_message(AcceptanceServices services, net::Loop& loop, std::shared_ptr<const Live> live,
                                Arrival arrival) {
  Acceptance acceptance;
  Results results(arrival.recipients.size());
  const auto deadline = services.clock.steady() + live->plan->options.handover_patience;
  const delivery::Patience patience{deadline, deadline + answer_patience};
  bool any_delivered = false;
  const auto fail_with = [&](const Error& error, bool to_some) {
    services.log.error(
        "store",
        {{"id", arrival.variants.front().id.text()}, {"error", error.text}, {"already_delivered_to_some", to_some}});
    acceptance.reply = store_reply(error);
  };
  // What is held goes first: as long as nobody has anything, our own trouble costs only time, and what is held is never
  // refused, so that no internal server's answer can undo it.
  for (std::size_t which = 0; which < arrival.variants.size(); ++which) {
    if (!arrival.variants[which].held) continue;
    auto held = to_vault(arrival, which, *live);
    const auto kept = co_await services.vault.keep(std::move(held));
    if (kept) continue;
    fail_with(kept.error(), false);
    co_return acceptance;
  }
  for (const auto& [group, members] : by_destination(arrival)) {
    const auto& [which, destination] = group;
    const auto& variant = arrival.variants[which];
    if (variant.held || !hands_over_first(*live, destination)) continue;
    auto envelope = arrival.envelope;
    for (const auto member : members) envelope.recipients.push_back(arrival.recipients[member].envelope);
    auto attempt = co_await services.runner.transport(loop).deliver(destination, variant.id, std::move(envelope),
                                                                    variant.body, patience);
    if (attempt.abandoned) continue;
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto& result = attempt.results[i];
      const auto address = arrival.recipients[members[i]].envelope.address.text();
      const auto said = result.reply.text();
      acceptance.handover.push_back(fmt::format("{}: {} {}", address, word(result.outcome), said));
      services.history.post(
          store::Delivery{variant.id, services.clock.now(), address, std::string{word(result.outcome)}, said});
      any_delivered = any_delivered || result.outcome == Outcome::delivered;
      results[members[i]] = std::move(result);
    }
  }
  if (auto refusal = refused_by_all(results)) {
    acceptance.reply = std::move(*refusal);
    co_return acceptance;
  }
  bool any_queued = false;
  for (std::size_t which = 0; which < arrival.variants.size(); ++which) {
    if (arrival.variants[which].held) continue;
    const auto stored = co_await store_variant(services, loop, *live, arrival, which, results);
    if (!stored) {
      fail_with(stored.error(), any_delivered || any_queued);
      co_return acceptance;
    }
    any_queued = true;
  }
  acceptance.reply = smtp::replies::accepted(arrival.variants.front().id.text());
  co_return acceptance;
}

}  // namespace mailreeve::gateway
