// SPDX-License-Identifier: Apache-2.0
#include "gateway/watched.h"

#include <gtest/gtest.h>

#include "support/run.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;

struct MovedClock final : Clock {
  WallTime now() const override { return time; }
  SteadyTime steady() const override { return SteadyTime{} + time.time_since_epoch(); }
  WallTime time{};
};

TEST(Watched, ASingleNameThatFailsIsNoTroubleOfDns) {
  MovedClock clock;
  HealthRegistry registry{clock};
  auto zone = dns::zone_resolver_from("good.example. 60 IN A 192.0.2.1\nbad.example. SERVFAIL\n");
  ASSERT_TRUE(zone) << zone.error().text;
  const auto resolver = watch(std::move(*zone), registry.item("dns"), clock);
  const auto ask = [&](const char* name) { support::run(resolver->ask(name, dns::Type::a)); };
  const auto state = [&] { return registry.entries().front().state; };
  for (int i = 0; i < 50; ++i) ask("bad.example");
  EXPECT_EQ(state(), HealthState::unknown);
  ask("good.example");
  EXPECT_EQ(state(), HealthState::ok);
  clock.time += 40s;
  ask("bad.example");
  EXPECT_EQ(state(), HealthState::ok);
  for (int i = 0; i < 10; ++i) ask("bad.example");
  EXPECT_EQ(state(), HealthState::failing);
  ask("nothing.example");
  EXPECT_EQ(state(), HealthState::ok) << "that there is no such name is an answer";
}

}  // namespace
}  // namespace mailreeve::gateway
