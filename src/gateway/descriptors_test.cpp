// SPDX-License-Identifier: Apache-2.0
#include "gateway/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace mailreeve::gateway {
namespace {

TEST(Descriptors, TheSoftLimitIsRaisedAsFarAsItGoes) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 256;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  const auto log = make_silent_logger();
  EXPECT_EQ(raise_descriptor_limit(10, *log), limit.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, limit.rlim_max);
}

}  // namespace
}  // namespace mailreeve::gateway
