// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint.h"

#include <gtest/gtest.h>

namespace mailreeve::net {
namespace {

TEST(Endpoint, ReadsWhatItWrites) {
  for (const auto* text : {"127.0.0.1:25", "0.0.0.0:65535", "[::1]:2525", "[2001:db8::1]:25"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->text(), text);
  }
}

TEST(Endpoint, RefusesWhatIsNoneAndSaysHowToWriteIt) {
  for (const auto* text : {"", ":25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:25", "[::1]", "[127.0.0.1]:25", "localhost:25", "127.0.0.1:25 ", "[::1]x:25"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_NE(endpoint.error().text.find(":25"), std::string::npos);
  }
}

}  // namespace
}  // namespace mailreeve::net
