// SPDX-License-Identifier: Apache-2.0
// A queue in a map, for tests of what stands above the store. Answers at once; leases are not kept. `break_down` makes
// every call fail as a broken disk would.
#pragma once

#include <strings.h>

#include <algorithm>
#include <map>

#include "store/queue.h"

namespace mailreeve::support {

class MemoryQueue final : public store::Queue {
 public:
  void break_down() { broken_ = true; }

  Task<Result<void>> accept(store::NewMessage message) override {
    if (broken_) co_return broken();
    const auto id = message.message.id;
    messages_.emplace(id, std::move(message));
    co_return Result<void>{};
  }
  Task<Result<std::vector<std::string>>> due_destinations(WallTime now, std::size_t limit) override {
    if (broken_) co_return broken();
    std::vector<std::string> found;
    for (const auto& [id, entry] : messages_) {
      for (const auto& recipient : entry.message.recipients) {
        const bool is_new = std::ranges::find(found, recipient.destination) == found.end();
        if (is_waiting(recipient) && recipient.due <= now && is_new && found.size() < limit) {
          found.push_back(recipient.destination);
        }
      }
    }
    co_return found;
  }
  Task<Result<std::optional<WallTime>>> next_due() override {
    if (broken_) co_return broken();
    std::optional<WallTime> next;
    for (const auto& [id, entry] : messages_) {
      for (const auto& recipient : entry.message.recipients) {
        if (is_waiting(recipient)) next = std::min(next.value_or(recipient.due), recipient.due);
      }
    }
    co_return next;
  }
  Task<Result<std::vector<store::Claim>>> claim(std::string destination, std::string owner, WallTime now, WallTime,
                                                std::size_t limit) override {
    if (broken_) co_return broken();
    std::vector<store::Claim> claims;
    for (auto& [id, entry] : messages_) {
      if (claims.size() == limit) break;
      store::Claim taken{entry.message, destination};
      taken.message.recipients.clear();
      for (auto& recipient : entry.message.recipients) {
        if (!is_waiting(recipient) || recipient.due > now || recipient.destination != destination) continue;
        recipient.owner = owner;
        taken.message.recipients.push_back(recipient);
      }
      if (!taken.message.recipients.empty()) claims.push_back(std::move(taken));
    }
    co_return claims;
  }
  Task<Result<void>> record(std::string owner, std::vector<store::Change> changes) override {
    if (broken_) co_return broken();
    for (const auto& change : changes) {
      const auto found = messages_.find(change.id);
      if (found == messages_.end()) continue;
      for (auto& recipient : found->second.message.recipients) {
        const bool is_ours = recipient.owner == owner || change.state == store::RecipientState::delivered;
        if (recipient.number != change.recipient || !is_ours) continue;
        recipient.state = change.state;
        recipient.due = change.due;
        recipient.last_reply = change.reply;
        recipient.attempts += change.count_attempt ? 1 : 0;
        recipient.owner.clear();
      }
      sweep(found);
    }
    co_return Result<void>{};
  }
  Task<Result<void>> renew(std::string, WallTime) override {
    if (broken_) co_return broken();
    co_return Result<void>{};
  }
  Task<Result<std::uint64_t>> release_expired_leases(WallTime) override {
    if (broken_) co_return broken();
    co_return std::uint64_t{0};
  }
  Task<Result<std::shared_ptr<const mail::Body>>> body(MessageId id) override {
    if (broken_) co_return broken();
    const auto found = messages_.find(id);
    if (found == messages_.end()) co_return fail(ErrorKind::not_found, "there is no message " + id.text());
    co_return found->second.body;
  }
  Task<Result<std::vector<store::QueuedMessage>>> list(store::Filter filter) override {
    if (broken_) co_return broken();
    std::vector<store::QueuedMessage> found;
    for (const auto& [id, entry] : messages_) {
      if (found.size() == filter.limit) break;
      if (filter.after && id <= *filter.after) continue;
      auto message = entry.message;
      std::erase_if(message.recipients, [&](const auto& recipient) { return !matches(filter, message, recipient); });
      if (!message.recipients.empty()) found.push_back(std::move(message));
    }
    co_return found;
  }
  Task<Result<std::optional<store::QueuedMessage>>> show(MessageId id) override {
    if (broken_) co_return broken();
    const auto found = messages_.find(id);
    if (found == messages_.end()) co_return std::optional<store::QueuedMessage>{};
    co_return std::optional{found->second.message};
  }
  Task<Result<std::uint64_t>> change(store::AdminAction action, std::optional<MessageId> id, store::Filter filter,
                                     WallTime now) override {
    if (broken_) co_return broken();
    std::uint64_t count = 0;
    for (auto here = messages_.begin(); here != messages_.end();) {
      const auto next = std::next(here);
      auto& message = here->second.message;
      for (auto& recipient : message.recipients) {
        if (id && *id != message.id) continue;
        if (matches(filter, message, recipient) && apply(action, recipient, now)) ++count;
      }
      sweep(here);
      here = next;
    }
    co_return count;
  }
  Task<Result<store::Counts>> counts() override {
    if (broken_) co_return broken();
    store::Counts counts;
    for (const auto& [id, entry] : messages_) {
      ++counts.messages;
      counts.bytes += entry.message.size;
      for (const auto& recipient : entry.message.recipients) {
        counts.queued += recipient.state == State::queued ? 1 : 0;
        counts.held += recipient.state == State::held ? 1 : 0;
        counts.refused += recipient.state == State::refused ? 1 : 0;
        counts.expired += recipient.state == State::expired ? 1 : 0;
      }
    }
    co_return counts;
  }
  Task<Result<std::vector<store::DestinationSummary>>> destinations(std::size_t) override {
    if (broken_) co_return broken();
    std::map<std::string, store::DestinationSummary> all;
    for (const auto& [id, entry] : messages_) {
      for (const auto& recipient : entry.message.recipients) {
        auto& summary = all[recipient.destination];
        summary.destination = recipient.destination;
        summary.queued += recipient.state == State::queued ? 1 : 0;
        summary.held += recipient.state == State::held ? 1 : 0;
        summary.refused += recipient.state == State::refused ? 1 : 0;
        summary.expired += recipient.state == State::expired ? 1 : 0;
      }
    }
    std::vector<store::DestinationSummary> found;
    for (auto& [name, summary] : all) found.push_back(std::move(summary));
    co_return found;
  }

 private:
  using State = store::RecipientState;
  using Messages = std::map<MessageId, store::NewMessage>;

  static std::unexpected<Error> broken() { return fail(ErrorKind::io, "the disk is broken"); }
  static bool is_waiting(const store::QueuedRecipient& recipient) {
    return recipient.state == State::queued && recipient.owner.empty();
  }
  static bool same(const std::string& a, const std::string& b) { return ::strcasecmp(a.c_str(), b.c_str()) == 0; }
  static bool matches(const store::Filter& filter, const store::QueuedMessage& message,
                      const store::QueuedRecipient& recipient) {
    const auto sender = message.envelope.sender ? message.envelope.sender->text() : std::string{};
    return (!filter.state || *filter.state == recipient.state) &&
           (filter.destination.empty() || same(filter.destination, recipient.destination)) &&
           (filter.sender.empty() || same(filter.sender, sender)) &&
           (filter.recipient.empty() || same(filter.recipient, recipient.envelope.address.text()));
  }
  static bool apply(store::AdminAction action, store::QueuedRecipient& recipient, WallTime now) {
    using store::AdminAction;
    const bool may = action == AdminAction::hold      ? recipient.state == State::queued
                     : action == AdminAction::release ? recipient.state == State::held
                                                      : true;
    if (!may) return false;
    if (action == AdminAction::hold) {
      recipient.state = State::held;
    } else if (action == AdminAction::drop) {
      recipient.state = State::dropped;
    } else {
      recipient.state = State::queued;
      recipient.due = now;
    }
    return true;
  }
  void sweep(Messages::iterator here) {
    const auto is_done = [](const auto& r) { return r.state == State::delivered || r.state == State::dropped; };
    if (std::ranges::all_of(here->second.message.recipients, is_done)) messages_.erase(here);
  }

  Messages messages_;
  bool broken_ = false;
};

}  // namespace mailreeve::support
