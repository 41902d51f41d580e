// SPDX-License-Identifier: Apache-2.0
#include "delivery/schedule.h"

#include <gtest/gtest.h>

namespace mailreeve::delivery {
namespace {

using namespace std::chrono_literals;
using Outcome = RecipientResult::Outcome;

class ScheduleTest : public testing::Test {
 protected:
  store::Change after(Outcome outcome, std::uint32_t attempts, std::chrono::milliseconds age) {
    store::QueuedMessage message;
    message.accepted = now_ - age;
    store::QueuedRecipient recipient;
    recipient.number = 3;
    recipient.attempts = attempts;
    const RecipientResult result{outcome, smtp::Reply{451, "4.7.1", "later"}, false};
    return change_after(message, recipient, result, now_, options_, random_);
  }

  WallTime now_ = from_millis(1'800'000'000'000);
  Options options_;
  SeededRandom random_{1};
};

TEST_F(ScheduleTest, ARefusalIsKeptNotBounced) {
  const auto change = after(Outcome::permanent, 0, 0s);
  EXPECT_EQ(change.state, store::RecipientState::refused);
  EXPECT_EQ(change.recipient, 3U);
  EXPECT_EQ(change.reply, "451 4.7.1 later");
}

TEST_F(ScheduleTest, EachAttemptWaitsLongerAndTheLastStepRepeats) {
  for (std::uint32_t attempts = 0; attempts < 20; ++attempts) {
    const auto change = after(Outcome::temporary, attempts, 1min);
    EXPECT_EQ(change.state, store::RecipientState::queued);
    const std::chrono::milliseconds step = options_.retry[std::min<std::size_t>(attempts, options_.retry.size() - 1)];
    EXPECT_GE(change.due - now_, step * 9 / 10);
    EXPECT_LE(change.due - now_, step * 11 / 10);
  }
}

TEST_F(ScheduleTest, JitterSpreadsWhatFailedTogether) {
  const auto first = after(Outcome::temporary, 2, 1min);
  bool differs = false;
  for (int i = 0; i < 10; ++i) differs = differs || after(Outcome::temporary, 2, 1min).due != first.due;
  EXPECT_TRUE(differs);
}

TEST_F(ScheduleTest, GivesUpAfterGiveUpTime) {
  EXPECT_EQ(after(Outcome::temporary, 30, options_.give_up - 1s).state, store::RecipientState::queued);
  EXPECT_EQ(after(Outcome::temporary, 30, options_.give_up).state, store::RecipientState::expired);
}

TEST_F(ScheduleTest, AClockThatJumpedAheadExpiresNothingUntried) {
  EXPECT_EQ(after(Outcome::temporary, 0, options_.give_up * 100).state, store::RecipientState::queued);
}

}  // namespace
}  // namespace mailreeve::delivery
