// SPDX-License-Identifier: Apache-2.0
#include "judge/plain_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/policies.h"

namespace mailreeve::judge {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PlainWords, SayWhatWasFoundWithoutItsCode) {
  EXPECT_EQ(plain_reason("virus.found", {}), "a virus was found in it");
  EXPECT_EQ(plain_reason("wish.block", {"dnsbl.spamhaus"}), "you block this sender");
  EXPECT_EQ(plain_reason("score", {"header.odd-thing", "dnsbl.spamhaus"}),
            "it looks like spam: it is not put together as honest mail is");
  EXPECT_EQ(plain_reason("score", {"what.nobody-knows"}), "it looks like spam");
  EXPECT_EQ(plain_reason("", {}), "it looks unwanted");
}

TEST(PlainWords, KnowWhateverABuiltInPolicyNames) {
  for (const auto& [name, policy] : built_in_policies()) {
    for (const auto& [code, action] : policy.actions) {
      const auto said = plain_reason(code, {});
      EXPECT_THAT(said, Not(HasSubstr(code))) << name;
      EXPECT_GT(said.size(), 10U) << code;
    }
  }
}

}  // namespace
}  // namespace mailreeve::judge
