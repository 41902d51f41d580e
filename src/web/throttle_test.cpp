// SPDX-License-Identifier: Apache-2.0
#include "web/throttle.h"

#include <gtest/gtest.h>

#include "web/access_fixture.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;

IpAddress address(unsigned last) { return IpAddress::v4(0xc0000200U + last); }

class ThrottleTest : public testing::Test {
 protected:
  std::chrono::seconds fail(const std::string& account, unsigned from) {
    return throttle_.attempt(account, address(from));
  }
  /// Fails again as soon as it may; answers the longest wait.
  std::chrono::seconds insist(const std::string& account, unsigned from, int times) {
    auto longest = 0s;
    for (int i = 0; i < times; ++i) {
      const auto wait = fail(account, from);
      longest = std::max(longest, wait);
      if (wait > 0s) {
        clock_.move(wait);
        EXPECT_EQ(fail(account, from), 0s);
      }
    }
    return longest;
  }
  MovedClock clock_;
  Throttle throttle_{clock_};
};

TEST_F(ThrottleTest, WaitsDoubleUpToAQuarterOfAnHour) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fail("alice", 1), 0s);
  for (const auto wait : {1s, 2s, 4s, 8s}) {
    EXPECT_EQ(fail("alice", 1), wait);
    clock_.move(wait - 1ms);
    EXPECT_EQ(fail("alice", 1), 1s) << "what is left, rounded up";
    clock_.move(1ms);
    EXPECT_EQ(fail("alice", 1), 0s);
  }
  EXPECT_EQ(insist("alice", 1, 20), 15min);
}

TEST_F(ThrottleTest, AnHourForgives) {
  insist("alice", 1, 8);
  clock_.move(1h);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fail("alice", 1), 0s) << i;
  EXPECT_GT(fail("alice", 1), 0s);
}

TEST_F(ThrottleTest, SuccessForgivesTheFailuresOfThatAccountThere) {
  for (int i = 0; i < 5; ++i) fail("alice", 1);
  clock_.move(1s);
  EXPECT_EQ(fail("alice", 1), 0s);
  throttle_.succeeded("alice", address(1));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fail("alice", 1), 0s) << i;
}

TEST_F(ThrottleTest, ManyNamesFromOnePlaceAreSlowedDown) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(fail("user" + std::to_string(i), 1), 0s);
  EXPECT_GT(fail("another", 1), 0s);
  EXPECT_EQ(fail("another", 2), 0s) << "not from elsewhere";
}

TEST_F(ThrottleTest, AnAccountOfOnesOwnClearsNoWay) {
  // Guessing at alice, with a good sign-in of his own in between.
  for (int i = 0; i < 20; ++i) {
    fail("alice" + std::to_string(i), 1);
    if (fail("mallory", 1) == 0s) throttle_.succeeded("mallory", address(1));
  }
  EXPECT_GT(fail("alice-more", 1), 0s);
}

TEST_F(ThrottleTest, NeighboursMistakesHoldUpNobodyWhoSignedInThere) {
  EXPECT_EQ(fail("alice", 1), 0s);
  throttle_.succeeded("alice", address(1));
  for (int i = 0; i < 30; ++i) fail("user" + std::to_string(i), 1);
  EXPECT_GT(fail("stranger", 1), 0s);
  EXPECT_EQ(fail("alice", 1), 0s);
}

TEST_F(ThrottleTest, MistakesOfAnOfficeDoNotAddUpForEver) {
  for (int i = 0; i < 16; ++i) EXPECT_EQ(fail("early" + std::to_string(i), 1), 0s);
  clock_.move(10min);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(fail("late" + std::to_string(i), 1), 0s) << i;
}

TEST_F(ThrottleTest, GuessingFromManyPlacesIsSlowedDownForAMinuteAtMost) {
  for (unsigned i = 0; i < 50; ++i) EXPECT_EQ(fail("alice", 10 + i), 0s);
  auto longest = 0s;
  for (unsigned i = 0; i < 30; ++i) {
    const auto wait = fail("alice", 100 + i);
    longest = std::max(longest, wait);
    clock_.move(wait);
    fail("alice", 100 + i);
  }
  EXPECT_EQ(longest, 60s);
}

TEST_F(ThrottleTest, WhereAnAccountSignsInNobodyElsesFailuresCount) {
  EXPECT_EQ(fail("alice", 1), 0s);
  throttle_.succeeded("alice", address(1));
  for (unsigned i = 0; i < 60; ++i) fail("alice", 10 + i);
  EXPECT_GT(fail("alice", 9), 0s);
  EXPECT_EQ(fail("alice", 1), 0s);
}

TEST_F(ThrottleTest, AnIPv6NetworkIsOnePlace) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(throttle_.attempt("alice", IpAddress::parse("2001:db8::" + std::to_string(i + 1))), 0s);
  }
  EXPECT_GT(throttle_.attempt("alice", IpAddress::parse("2001:db8::99")), 0s);
  EXPECT_EQ(throttle_.attempt("alice", IpAddress::parse("2001:db8:1::99")), 0s);
}

TEST_F(ThrottleTest, AFloodOfNamesForgetsThoseWithOneFailureFirst) {
  insist("alice", 1, 10);
  for (unsigned i = 0; i < 30'000; ++i) throttle_.attempt("name" + std::to_string(i), IpAddress::v4(i * 7919));
  EXPECT_GT(fail("alice", 1), 0s);
}

TEST_F(ThrottleTest, ARationIsSoManyInATime) {
  Ration ration{clock_, 3, 15min};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ration.take("a"));
  EXPECT_FALSE(ration.take("a"));
  EXPECT_TRUE(ration.take("b"));
  clock_.move(15min);
  EXPECT_TRUE(ration.take("a"));
}

}  // namespace
}  // namespace mailreeve::web
