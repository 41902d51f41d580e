// SPDX-License-Identifier: Apache-2.0
#include "gateway/connection_limits.h"

#include <gtest/gtest.h>

namespace mailreeve::gateway {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

class ConnectionLimitsTest : public testing::Test {
 protected:
  ConnectionLimitsTest() {
    options_.connections = 4;
    options_.connections_per_address = 2;
  }
  LimitOptions options_;
  ConnectionLimits limits_;
};

TEST_F(ConnectionLimitsTest, OneAddressGetsItsShareOnly) {
  const auto first = limits_.enter(ip("192.0.2.1"), false, options_);
  auto second = limits_.enter(ip("192.0.2.1"), false, options_);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(limits_.enter(ip("192.0.2.1"), false, options_).error(), ConnectionLimits::Refusal::per_address);
  EXPECT_TRUE(limits_.enter(ip("192.0.2.2"), false, options_));
  {
    const auto leaving = std::move(*second);
  }
  EXPECT_TRUE(limits_.enter(ip("192.0.2.1"), false, options_));
}

TEST_F(ConnectionLimitsTest, AnIPv6NetworkCountsAsOne) {
  const auto first = limits_.enter(ip("2001:db8::1"), false, options_);
  const auto second = limits_.enter(ip("2001:db8::ffff"), false, options_);
  EXPECT_FALSE(limits_.enter(ip("2001:db8::2"), false, options_));
  EXPECT_TRUE(limits_.enter(ip("2001:db8:0:1::2"), false, options_));
}

TEST_F(ConnectionLimitsTest, TheTotalHoldsForEverybody) {
  std::vector<ConnectionLimits::Ticket> tickets;
  for (int i = 0; i < 4; ++i) tickets.push_back(std::move(*limits_.enter(ip("10.0.0.1"), true, options_)));
  EXPECT_EQ(limits_.enter(ip("10.0.0.1"), true, options_).error(), ConnectionLimits::Refusal::total);
  tickets.clear();
  EXPECT_EQ(limits_.total(), 0U);
}

}  // namespace
}  // namespace mailreeve::gateway
