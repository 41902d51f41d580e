// SPDX-License-Identifier: Apache-2.0
#include "web/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WallTime now = WallTime{} + 24h * 20'000;

std::vector<std::string> codes(const AttentionFacts& facts) {
  std::vector<std::string> all;
  for (const auto& one : attention(facts)) all.emplace_back(one.code);
  return all;
}

TEST(Attention, NobodyIsCalledWhenAllIsWell) {
  AttentionFacts facts;
  facts.now = now;
  facts.queue.queued = 3;
  facts.queue.oldest = now - 59min;
  facts.quarantine = {10, 5, 0, 79};
  facts.quarantine_limit = 100;
  facts.certificate_end = now + 24h * 15;
  facts.health = {{"dns", HealthState::ok, "", now}, {"clamd", HealthState::unknown, "", {}}};
  EXPECT_THAT(codes(facts), IsEmpty());
}

TEST(Attention, TheGravestComeFirst) {
  AttentionFacts facts;
  facts.now = now;
  facts.queue.refused = 1;
  facts.queue.oldest = now - 90min;
  facts.quarantine = {10, 5, 2, 81};
  facts.quarantine_limit = 100;
  facts.certificate_end = now + 24h * 13;
  facts.needs_setup = true;
  facts.health = {{"clamd", HealthState::failing, "connection refused", now},
                  {"rspamd", HealthState::warning, "x", now}};
  EXPECT_THAT(codes(facts), ElementsAre("queue.refused", "dependency", "certificate.ending", "quarantine.filling",
                                        "queue.old", "dependency", "quarantine.asked", "accounts.none"));
  EXPECT_THAT(attention(facts)[0].text, HasSubstr("1 delivery was refused"));
  EXPECT_THAT(attention(facts)[1].text, HasSubstr("clamd: connection refused"));
  facts.certificate_end = now - 1s;
  EXPECT_EQ(codes(facts)[1], "certificate.ended");
}

TEST(Attention, AQuarantineWithoutLimitNeverFills) {
  AttentionFacts facts;
  facts.quarantine.bytes = 1ULL << 50;
  EXPECT_THAT(codes(facts), IsEmpty());
}

}  // namespace
}  // namespace mailreeve::web
