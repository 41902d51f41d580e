// SPDX-License-Identifier: Apache-2.0
// Greylisting, directory harvest and rates: what depends on time.
#include <gtest/gtest.h>

#include "judge/greylist.h"
#include "judge/harvest.h"
#include "judge/rates.h"
#include "support/run.h"

namespace mailreeve::judge {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using support::run;

const WallTime start = from_millis(1'700'000'000'000);

Facts from(std::string_view client, std::string_view sender = "a@sender.example") {
  Facts facts;
  facts.session->client = *IpAddress::parse(client);
  if (!sender.empty()) facts.sender = *mail::Mailbox::parse(sender);
  return facts;
}

class GreylistTest : public testing::Test {
 protected:
  Greylist::Answer ask(const Facts& facts, seconds after, std::string_view recipient = "user@example.org") {
    return run(greylist_.ask(facts, *mail::Mailbox::parse(recipient), options_, start + after));
  }
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  Greylist greylist_{*marks_};
  GreylistOptions options_;
};

TEST_F(GreylistTest, WaitsOnceThenPasses) {
  const auto facts = from("192.0.2.7");
  const auto first = ask(facts, seconds{0});
  EXPECT_FALSE(first.passes);
  EXPECT_EQ(first.wait, options_.delay);
  const auto early = ask(facts, options_.delay - seconds{1});
  EXPECT_FALSE(early.passes);
  EXPECT_EQ(early.wait, seconds{1});
  EXPECT_TRUE(ask(facts, options_.delay).passes);
}

TEST_F(GreylistTest, TheSecondTryMustComeInTime) {
  const auto facts = from("192.0.2.7");
  ask(facts, seconds{0});
  EXPECT_FALSE(ask(facts, options_.retry_within + seconds{1}).passes);
  EXPECT_TRUE(ask(facts, options_.retry_within + options_.delay + seconds{1}).passes);
}

TEST_F(GreylistTest, WhoPassedOncePassesForEveryRecipientAndIsRememberedByUse) {
  const auto facts = from("192.0.2.7");
  ask(facts, seconds{0});
  ASSERT_TRUE(ask(facts, options_.delay).passes);
  auto time = options_.delay;
  for (int i = 0; i < 3; ++i) {
    time += options_.remember - seconds{1};
    EXPECT_TRUE(ask(facts, time, "other@example.org").passes) << i;
  }
  EXPECT_FALSE(ask(facts, time + options_.remember).passes) << "forgotten when not used";
}

TEST_F(GreylistTest, WhoWasLetInByHandDoesNotWait) {
  const auto facts = from("192.0.2.7", "A@Sender.example");
  const auto let_in = [&](std::string_view sender) {
    return marks_->add(let_in_key(sender, "User@example.org", facts.client()), 1, start, let_in_time);
  };
  run(let_in("a@sender.example"));
  EXPECT_TRUE(ask(facts, seconds{0}).passes);
  EXPECT_TRUE(ask(facts, let_in_time - seconds{1}).passes);
  EXPECT_FALSE(ask(facts, seconds{0}, "other@example.org").passes) << "for its recipient alone";
  EXPECT_FALSE(ask(facts, let_in_time).passes);
}

TEST_F(GreylistTest, LettingInABounceLetsInThatNetworkAlone) {
  const auto facts = from("192.0.2.7", "");
  run(marks_->add(let_in_key("", "user@example.org", facts.client()), 1, start, let_in_time));
  EXPECT_TRUE(ask(from("192.0.2.99", ""), seconds{0}).passes);
  EXPECT_FALSE(ask(from("192.0.3.7", ""), seconds{0}).passes);
}

TEST_F(GreylistTest, MachinesOfOneNetworkAreOne) {
  ask(from("192.0.2.7"), seconds{0});
  EXPECT_TRUE(ask(from("192.0.2.200"), options_.delay).passes);
  EXPECT_FALSE(ask(from("192.0.3.7"), options_.delay).passes);
  ask(from("2001:db8:1:2::1", "b@six.example"), seconds{0});
  EXPECT_TRUE(ask(from("2001:db8:1:2:ffff::9", "b@six.example"), options_.delay).passes);
  EXPECT_FALSE(ask(from("2001:db8:1:3::1", "b@six.example"), options_.delay).passes);
}

TEST_F(GreylistTest, NetworksOfABigSenderAreOne) {
  auto first = from("192.0.2.7");
  first.session->name.confirmed = "mail-ej1-f44.google.com";
  auto second = from("203.0.113.9");
  second.session->name.confirmed = "mail-wm1-f50.google.com";
  ask(first, seconds{0});
  EXPECT_TRUE(ask(second, options_.delay).passes);
}

TEST_F(GreylistTest, AProvenDomainCountsMoreThanTheNetwork) {
  auto first = from("192.0.2.7");
  first.spf = auth::SpfOutcome{};
  first.spf->result = auth::SpfResult::pass;
  first.spf->domain = "sender.example";
  auto second = first;
  second.session = std::make_shared<SessionFacts>(*first.session);
  second.session->client = *IpAddress::parse("203.0.113.9");
  ask(first, seconds{0});
  EXPECT_TRUE(ask(second, options_.delay).passes);
  EXPECT_FALSE(ask(from("203.0.113.9"), options_.delay).passes) << "a forged one has passed nothing";
}

TEST_F(GreylistTest, OtherSendersAndRecipientsWaitForThemselves) {
  ask(from("192.0.2.7"), seconds{0});
  EXPECT_FALSE(ask(from("192.0.2.7", "a@another.example"), options_.delay).passes);
  EXPECT_FALSE(ask(from("192.0.2.7"), options_.delay, "other@example.org").passes);
  EXPECT_FALSE(ask(from("192.0.2.7", ""), options_.delay).passes) << "nor does the null sender";
  EXPECT_TRUE(ask(from("192.0.2.7", "b@sender.example"), options_.delay, "USER@example.org").passes)
      << "another local part of the same domain, and another case";
}

class HarvestTest : public testing::Test {
 protected:
  bool unknown(std::string_view client, seconds after) {
    return run(harvest_.saw_unknown(*IpAddress::parse(client), options_, start + after));
  }
  bool blocked(std::string_view client, seconds after) {
    return run(harvest_.is_blocked(*IpAddress::parse(client), options_, start + after));
  }
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  Harvest harvest_{*marks_};
  HarvestOptions options_;
};

TEST_F(HarvestTest, TheLimitBlocksForATime) {
  for (unsigned i = 1; i < options_.unknown_limit; ++i) {
    EXPECT_FALSE(unknown("192.0.2.7", seconds{i}));
    EXPECT_FALSE(blocked("192.0.2.7", seconds{i}));
  }
  EXPECT_TRUE(unknown("192.0.2.7", seconds{9}));
  EXPECT_TRUE(blocked("192.0.2.7", seconds{10}));
  EXPECT_FALSE(blocked("192.0.2.8", seconds{10}));
  EXPECT_TRUE(blocked("192.0.2.7", seconds{8} + options_.block));
  EXPECT_FALSE(blocked("192.0.2.7", seconds{9} + options_.block));
  EXPECT_FALSE(unknown("192.0.2.7", seconds{9} + options_.block)) << "counting starts again";
}

TEST_F(HarvestTest, OldMistakesAreForgotten) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(unknown("192.0.2.7", i * options_.window)) << i;
  }
}

TEST_F(HarvestTest, CountsANetworkOfIpv6AsOne) {
  for (unsigned i = 1; i < options_.unknown_limit; ++i) unknown("2001:db8::1", seconds{0});
  EXPECT_TRUE(unknown("2001:db8::2", seconds{1}));
  EXPECT_TRUE(blocked("2001:db8::3", seconds{2}));
}

TEST_F(HarvestTest, ALimitOfNothingIsOff) {
  options_.unknown_limit = 0;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(unknown("192.0.2.7", seconds{0}));
  EXPECT_FALSE(blocked("192.0.2.7", seconds{0}));
}

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return start; }
  SteadyTime steady() const override { return time; }
  SteadyTime time{hours{1000}};
};

class RatesTest : public testing::Test {
 protected:
  unsigned allowed(const char* client, const Rate& rate, unsigned tries) {
    unsigned count = 0;
    for (unsigned i = 0; i < tries; ++i) count += rates_.allow_message(*IpAddress::parse(client), rate) ? 1 : 0;
    return count;
  }
  MovedClock clock_;
  Rates rates_{clock_};
  const Rate rate_{10, seconds{60}};
};

TEST_F(RatesTest, AllowsExactlySoMany) {
  EXPECT_EQ(allowed("192.0.2.7", rate_, 30), 10U);
  EXPECT_EQ(allowed("192.0.2.8", rate_, 30), 10U) << "each address for itself";
  EXPECT_TRUE(rates_.allow_connection(*IpAddress::parse("192.0.2.7"), rate_)) << "connections are counted apart";
}

TEST_F(RatesTest, TheWindowSlides) {
  clock_.time += seconds{59} - clock_.time.time_since_epoch() % seconds{60};
  EXPECT_EQ(allowed("192.0.2.7", rate_, 30), 10U);
  clock_.time += seconds{2};
  EXPECT_LE(allowed("192.0.2.7", rate_, 30), 1U) << "no second helping just over the edge";
  clock_.time += seconds{120};
  EXPECT_EQ(allowed("192.0.2.7", rate_, 30), 10U);
}

TEST_F(RatesTest, ARateOfNothingIsNoLimit) { EXPECT_EQ(allowed("192.0.2.7", Rate{}, 1000), 1000U); }

TEST_F(RatesTest, CountsANetworkOfIpv6AsOne) {
  EXPECT_EQ(allowed("2001:db8::1", rate_, 8) + allowed("2001:db8::2", rate_, 8), 10U);
}

}  // namespace
}  // namespace mailreeve::judge
