// SPDX-License-Identifier: Apache-2.0
#include "delivery/schedule.h"

#include <algorithm>

namespace mailreeve::delivery {
namespace {

constexpr std::uint64_t jitter_percent = 10;

std::chrono::milliseconds wait_before(std::uint32_t attempts, const Options& options, Random& random) {
  if (options.retry.empty()) return std::chrono::minutes{5};
  const auto step = std::min<std::size_t>(attempts, options.retry.size() - 1);
  const std::chrono::milliseconds base = options.retry[step];
  const auto span = static_cast<std::uint64_t>(base.count()) * 2 * jitter_percent / 100;
  return base - std::chrono::milliseconds{span / 2} + std::chrono::milliseconds{random.below(span + 1)};
}

}  // namespace

store::Change change_after(const store::QueuedMessage& message, const store::QueuedRecipient& recipient,
                           const RecipientResult& result, WallTime now, const Options& options, Random& random) {
  store::Change change;
  change.id = message.id;
  change.recipient = recipient.number;
  change.reply = result.reply.text();
  switch (result.outcome) {
    case RecipientResult::Outcome::delivered:
      change.state = store::RecipientState::delivered;
      break;
    case RecipientResult::Outcome::permanent:
      change.state = store::RecipientState::refused;
      break;
    case RecipientResult::Outcome::temporary:
      // A clock that jumped back must not make a message immortal, nor one that jumped ahead expire it untried: at
      // least the attempts of one schedule are made first.
      if (now - message.accepted >= options.give_up && recipient.attempts + 1 >= options.retry.size()) {
        change.state = store::RecipientState::expired;
      } else {
        change.state = store::RecipientState::queued;
        change.due = now + wait_before(recipient.attempts, options, random);
      }
      break;
  }
  return change;
}

}  // namespace mailreeve::delivery
