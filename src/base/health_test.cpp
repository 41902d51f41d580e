// SPDX-License-Identifier: Apache-2.0
#include "base/health.h"

#include <gtest/gtest.h>

namespace mailreeve {
namespace {

using namespace std::chrono_literals;

struct MovedClock final : Clock {
  WallTime now() const override { return time; }
  SteadyTime steady() const override { return {}; }
  WallTime time{};
};

TEST(Health, SinceIsWhenTheStateChangedNotTheDetail) {
  MovedClock clock;
  HealthRegistry registry{clock};
  auto& item = registry.item("clamd");
  EXPECT_EQ(registry.entries().front().state, HealthState::unknown);
  EXPECT_FALSE(registry.entries().front().since);
  clock.time += 1s;
  item.works();
  clock.time += 1s;
  item.works();
  EXPECT_EQ(registry.entries().front().since, WallTime{} + 1s);
  item.fails("connection refused");
  clock.time += 1s;
  item.fails("timeout");
  const auto entry = registry.entries().front();
  EXPECT_EQ(entry.state, HealthState::failing);
  EXPECT_EQ(entry.detail, "timeout");
  EXPECT_EQ(entry.since, WallTime{} + 2s);
  EXPECT_EQ(&registry.item("clamd"), &item);
  registry.item("disk");
  EXPECT_EQ(registry.entries().size(), 2U);
}

}  // namespace
}  // namespace mailreeve
