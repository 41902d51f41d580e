// SPDX-License-Identifier: Apache-2.0
#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::IsEmpty;

class Lists : public testing::Test {
 protected:
  ListState examine(const std::string& zone, bool of_domains = false) {
    const auto resolver = std::move(*dns::zone_resolver_from(zone));
    support::run(support::examine(watch_, *resolver, "bl.example", of_domains));
    return watch_.state("bl.example");
  }
  static constexpr const char* in_order = "2.0.0.127.bl.example. A 127.0.0.2\n";
  static constexpr const char* no_answer = "*.bl.example. SERVFAIL\n";
  support::LogKeeper log_;
  support::StillClock clock_;
  ListWatch watch_{log_, clock_};
};

TEST_F(Lists, WhatWasNotExaminedIsUsed) {
  EXPECT_EQ(watch_.state("bl.example"), ListState::unknown);
  EXPECT_TRUE(watch_.is_usable("bl.example"));
  EXPECT_THAT(watch_.states(), IsEmpty());
}

TEST_F(Lists, AListInOrderIsGood) {
  EXPECT_EQ(examine(in_order), ListState::good);
  EXPECT_TRUE(watch_.is_usable("bl.example"));
  for (const auto& line : log_.lines) EXPECT_LT(line.level, LogLevel::warning);
}

TEST_F(Lists, AListThatListsEverythingIsTurnedOff) {
  EXPECT_EQ(examine("*.bl.example. A 127.0.0.2\n"), ListState::lists_everything);
  EXPECT_FALSE(watch_.is_usable("bl.example"));
}

TEST_F(Lists, AListThatIsGoneIsTurnedOff) {
  EXPECT_EQ(examine(""), ListState::silent);
  EXPECT_FALSE(watch_.is_usable("bl.example"));
}

TEST_F(Lists, RefusedTestEntriesAreRefusals) {
  for (const auto* zone : {"*.bl.example. A 127.255.255.254\n", "*.bl.example. A 203.0.113.1\n",
                           "2.0.0.127.bl.example. A 127.255.255.252\n"}) {
    EXPECT_EQ(examine(zone), ListState::refused) << zone;
  }
  EXPECT_TRUE(watch_.is_usable("bl.example"));
}

TEST_F(Lists, DomainListsHaveTestEntriesOfTheirOwn) {
  EXPECT_EQ(examine("test.bl.example. A 127.0.0.2\n", true), ListState::good);
  EXPECT_EQ(examine(in_order, true), ListState::silent);
  EXPECT_EQ(examine("*.bl.example. A 127.0.0.2\n", true), ListState::lists_everything);
}

TEST_F(Lists, OneWarningAChange) {
  for (int i = 0; i < 3; ++i) examine("");
  ASSERT_EQ(log_.lines.size(), 1U);
  EXPECT_EQ(log_.lines[0].event, "dnslist");
  EXPECT_EQ(log_.lines[0].level, LogLevel::warning);
  for (int i = 0; i < 3; ++i) examine(in_order);
  EXPECT_EQ(log_.lines.size(), 2U);
  for (int i = 0; i < 3; ++i) watch_.saw_refusal("bl.example", "127.255.255.254");
  EXPECT_EQ(log_.lines.size(), 3U);
  examine(in_order);
  watch_.saw_refusal("bl.example", "127.255.255.254");
  EXPECT_EQ(log_.lines.size(), 5U) << "after it has worked again, a refusal is news";
}

TEST_F(Lists, AFailureNowAndThenChangesNothing) {
  EXPECT_EQ(examine(in_order), ListState::good);
  EXPECT_EQ(examine(no_answer), ListState::good);
  EXPECT_EQ(examine(no_answer), ListState::good);
  EXPECT_EQ(examine(in_order), ListState::good);
  EXPECT_EQ(examine(no_answer), ListState::good);
  EXPECT_EQ(examine(no_answer), ListState::good);
  EXPECT_EQ(examine(no_answer), ListState::failing);
  EXPECT_TRUE(watch_.is_usable("bl.example"));
  EXPECT_EQ(examine(in_order), ListState::good);
}

TEST_F(Lists, ABrokenListMustShowThatItWorksAgain) {
  examine("*.bl.example. A 127.0.0.2\n");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(examine(no_answer), ListState::lists_everything);
  EXPECT_FALSE(watch_.is_usable("bl.example"));
  EXPECT_EQ(examine(in_order), ListState::good);
  EXPECT_TRUE(watch_.is_usable("bl.example"));
}

TEST_F(Lists, ARefusedListStaysRefusedWhileItDoesNotAnswer) {
  watch_.saw_refusal("bl.example", "127.255.255.254");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(examine(no_answer), ListState::refused);
}

}  // namespace
}  // namespace mailreeve::judge
