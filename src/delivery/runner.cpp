// SPDX-License-Identifier: Apache-2.0
#include "delivery/runner.h"

#include <fmt/format.h>

#include "delivery/schedule.h"

namespace mailreeve::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t places_per_destination = 200;
constexpr std::uint64_t held_bytes_limit = 64ULL << 20;  // bodies of messages in the fast path
constexpr std::size_t destinations_a_look = 1000;
constexpr std::size_t claims_a_look = 100;  // of one destination
constexpr auto look_pause = 100ms;          // how late a wake-up may be noticed
constexpr auto longest_sleep = 30s;
constexpr auto lease = 15min;
constexpr auto house_keeping = 60s;
constexpr auto attempt_time = 10min;  // up to the final dot, waiting for a connection included
constexpr auto report_pause = 1s;

mail::Envelope envelope_of(const store::QueuedMessage& message) {
  auto envelope = message.envelope;
  envelope.recipients.clear();
  for (const auto& recipient : message.recipients) envelope.recipients.push_back(recipient.envelope);
  return envelope;
}

}  // namespace

Runner::Place::Place(Runner& runner, std::string destination, std::uint64_t bytes)
    : runner_{&runner}, destination_{std::move(destination)}, bytes_{bytes} {}

Runner::Place::Place(Place&& other) noexcept
    : runner_{std::exchange(other.runner_, nullptr)},
      destination_{std::move(other.destination_)},
      bytes_{other.bytes_} {}

Runner::Place::~Place() {
  if (runner_ == nullptr) return;
  std::lock_guard lock{runner_->mutex_};
  runner_->bytes_held_ -= bytes_;
  const auto found = runner_->places_.find(destination_);
  if (found != runner_->places_.end() && --found->second == 0) runner_->places_.erase(found);
}

Runner::Runner(RunnerServices services, std::string owner, MakeTransport make_transport)
    : services_{services},
      owner_{std::move(owner)},
      delivered_{services.metrics.counter("mailreeve_deliveries_total", "Recipients by result of an attempt",
                                          {{"result", "delivered"}})},
      deferred_{services.metrics.counter("mailreeve_deliveries_total", "", {{"result", "deferred"}})},
      refused_{services.metrics.counter("mailreeve_deliveries_total", "", {{"result", "refused"}})},
      expired_{services.metrics.counter("mailreeve_deliveries_total", "", {{"result", "expired"}})},
      seconds_{services.metrics.histogram("mailreeve_delivery_seconds", "Time of one delivery attempt",
                                          {0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300})} {
  for (std::size_t i = 0; i < services_.loops.size(); ++i) {
    transports_.push_back(make_transport(services_.loops.at(i)));
  }
}

Runner::~Runner() = default;

WallTime Runner::lease_end() const { return services_.clock.now() + lease; }

void Runner::start() {
  auto& first = services_.loops.at(0);
  first.spawn("queue", look_for_due(first));
  for (std::size_t i = 0; i < services_.loops.size(); ++i) {
    auto& loop = services_.loops.at(i);
    loop.spawn("queue housekeeping", keep_house(loop));
  }
}

void Runner::stop(SteadyTime end) {
  stopping_ = true;
  for (std::size_t i = 0; i < transports_.size(); ++i) {
    auto* transport = transports_[i].get();
    services_.loops.at(i).post([transport, end] { transport->hurry(end); });
  }
}

std::optional<Runner::Place> Runner::reserve(const std::string& destination, std::uint64_t bytes) {
  if (stopping_) return std::nullopt;
  std::lock_guard lock{mutex_};
  if (bytes_held_ + bytes > held_bytes_limit) return std::nullopt;
  auto& taken = places_[destination];
  if (taken >= places_per_destination) return std::nullopt;
  ++taken;
  bytes_held_ += bytes;
  return std::optional<Place>{std::in_place, *this, destination, bytes};
}

void Runner::begin(net::Loop& loop, Place place, store::Claim claim, std::shared_ptr<const mail::Body> body) {
  loop.spawn("delivery", attempt(loop, std::move(place), std::move(claim), std::move(body)));
}

Task<void> Runner::look_for_due(net::Loop& loop) {
  while (!stopping_) {
    woken_ = false;
    next_look_ = to_millis(services_.clock.now() + longest_sleep);
    const auto claimed = co_await claim_some();
    if (claimed > 0) continue;
    auto next = co_await services_.queue.next_due();
    if (next && *next) look_not_later_than(**next);
    // Due now but not claimable (its destination has no place left): look again soon, not at once.
    do {
      const bool go_on = co_await loop.sleep(look_pause);
      if (!go_on) co_return;
    } while (!woken_ && !stopping_ && to_millis(services_.clock.now()) < next_look_);
  }
}

// What is being delivered has no due time in the store; when it fails, its next attempt may be sooner than anything
// else.
void Runner::look_not_later_than(WallTime due) {
  const auto wanted = to_millis(due);
  auto known = next_look_.load();
  while (wanted < known && !next_look_.compare_exchange_weak(known, wanted)) {
  }
}

Task<std::size_t> Runner::claim_some() {
  std::size_t claimed = 0;
  auto destinations = co_await services_.queue.due_destinations(services_.clock.now(), destinations_a_look);
  if (!destinations) {
    services_.log.error("queue", {{"error", destinations.error().text}});
    co_return 0;
  }
  for (auto& destination : *destinations) {
    if (stopping_) break;
    std::vector<Place> places;
    while (places.size() < claims_a_look) {
      auto place = reserve(destination, 0);
      if (!place) break;
      places.push_back(std::move(*place));
    }
    if (places.empty()) continue;
    auto claims =
        co_await services_.queue.claim(destination, owner_, services_.clock.now(), lease_end(), places.size());
    if (!claims) {
      services_.log.error("queue", {{"error", claims.error().text}, {"destination", destination}});
      continue;
    }
    claimed += claims->size();
    for (auto& claim : *claims) {
      auto& loop = services_.loops.at(next_loop_++ % services_.loops.size());
      auto place = std::move(places.back());
      places.pop_back();
      loop.spawn("delivery", attempt(loop, std::move(place), std::move(claim), nullptr));
    }
  }
  co_return claimed;
}

Task<void> Runner::keep_house(net::Loop& loop) {
  auto next_lease_round = services_.clock.steady();
  while (!stopping_) {
    if (loop.index() == 0 && services_.clock.steady() >= next_lease_round) {
      next_lease_round = services_.clock.steady() + house_keeping;
      auto renewed = co_await services_.queue.renew(owner_, lease_end());
      if (!renewed) services_.log.error("queue", {{"error", renewed.error().text}});
      auto freed = co_await services_.queue.release_expired_leases(services_.clock.now());
      if (freed && *freed > 0) services_.log.warning("leases taken over", {{"recipients", *freed}});
    }
    co_await transport(loop).close_idle(false);
    const bool go_on = co_await loop.sleep(1s);
    if (!go_on) co_return;
  }
}

Task<void> Runner::attempt(net::Loop& loop, Place place, store::Claim claim, std::shared_ptr<const mail::Body> body) {
  ++running_;
  const auto began = services_.clock.steady();
  Attempt outcome;
  if (!body) {
    auto stored = co_await services_.queue.body(claim.message.id);
    if (stored) {
      body = std::move(*stored);
    } else {
      outcome = same_for_all(claim.message.recipients.size(), RecipientResult::Outcome::temporary,
                             smtp::Reply{451, "4.3.0", stored.error().text});
    }
  }
  if (body) {
    const auto deadline = services_.clock.steady() + attempt_time;
    outcome = co_await transport(loop).deliver(claim.destination, claim.message.id, envelope_of(claim.message), body,
                                               Patience{deadline, deadline + attempt_time});
  }
  const auto plan = services_.plan.get();
  const auto now = services_.clock.now();
  std::vector<store::Change> changes;
  for (std::size_t i = 0; i < claim.message.recipients.size(); ++i) {
    // Left as claimed: the next start gives the claim up, and the message is due as it was.
    const bool known = outcome.results[i].outcome != RecipientResult::Outcome::temporary;
    if (stopping_ && !known) continue;
    changes.push_back(change_after(claim.message, claim.message.recipients[i], outcome.results[i], now, plan->options,
                                   services_.random));
  }
  const auto took = services_.clock.steady() - began;
  seconds_.observe(std::chrono::duration<double>(took).count());
  log_attempt(claim, outcome, changes, std::chrono::duration_cast<std::chrono::milliseconds>(took));
  body.reset();
  if (!changes.empty()) co_await report(loop, std::move(changes));
  --running_;
}

// What was delivered must be recorded, or it is delivered again: a store in trouble is asked until it answers.
Task<void> Runner::report(net::Loop& loop, std::vector<store::Change> changes) {
  while (true) {
    auto recorded = co_await services_.queue.record(owner_, changes);
    if (recorded) {
      for (const auto& change : changes) {
        if (change.state == store::RecipientState::queued) look_not_later_than(change.due);
      }
      co_return;
    }
    services_.log.error("queue", {{"error", recorded.error().text}, {"id", changes.front().id.text()}});
    const bool go_on = co_await loop.sleep(report_pause);
    if (!go_on) co_return;
  }
}

void Runner::log_attempt(const store::Claim& claim, const Attempt& attempt, const std::vector<store::Change>& changes,
                         std::chrono::milliseconds took) {
  for (std::size_t i = 0, next = 0; i < claim.message.recipients.size() && next < changes.size(); ++i) {
    const auto& recipient = claim.message.recipients[i];
    if (changes[next].recipient != recipient.number) continue;
    const auto& change = changes[next++];
    std::string_view finding;
    std::string_view outcome;
    auto level = LogLevel::info;
    switch (change.state) {
      case store::RecipientState::delivered:
        delivered_.add();
        outcome = "delivered";
        break;
      case store::RecipientState::queued:
        deferred_.add();
        outcome = "deferred";
        break;
      case store::RecipientState::refused:
        refused_.add();
        outcome = "refused";
        finding = "handover.refused";
        level = LogLevel::warning;
        break;
      case store::RecipientState::expired:
        expired_.add();
        outcome = "expired";
        finding = "handover.expired";
        level = LogLevel::warning;
        break;
      case store::RecipientState::held:
      case store::RecipientState::dropped:
        break;
    }
    std::vector<Field> fields{{"id", claim.message.id.text()},       {"recipient", recipient.envelope.address.text()},
                              {"destination", claim.destination},    {"server", attempt.server},
                              {"result", store::name(change.state)}, {"reply", change.reply},
                              {"attempt", recipient.attempts + 1},   {"ms", took.count()}};
    if (!finding.empty()) fields.emplace_back("finding", finding);
    if (attempt.results[i].after_dot) fields.emplace_back("maybe_delivered", true);
    services_.log.write(level, "delivery", fields);
    if (services_.history == nullptr || outcome.empty()) continue;
    services_.history->post(store::Delivery{claim.message.id, services_.clock.now(), recipient.envelope.address.text(),
                                            std::string{outcome}, change.reply});
  }
}

}  // namespace mailreeve::delivery
