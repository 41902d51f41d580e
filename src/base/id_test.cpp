// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace mailreeve {
namespace {

TEST(MessageId, GoesToTextAndBytesAndBack) {
  SeededRandom random{7};
  for (int i = 0; i < 1000; ++i) {
    const auto id = MessageId::make(from_millis(1'790'000'000'000 + i), random);
    EXPECT_EQ(id.text().size(), 26U);
    EXPECT_EQ(MessageId::parse(id.text()), id);
    EXPECT_EQ(MessageId::from_bytes(id.bytes()), id);
    auto lower = id.text();
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' ? static_cast<char>(c + 32) : c; });
    EXPECT_EQ(MessageId::parse(lower), id);
  }
}

TEST(MessageId, SortsByAgeInEveryForm) {
  SeededRandom random{7};
  const auto older = MessageId::make(from_millis(1'790'000'000'000), random);
  const auto newer = MessageId::make(from_millis(1'790'000'000'001), random);
  EXPECT_LT(older, newer);
  EXPECT_LT(older.text(), newer.text());
  EXPECT_LT(older.bytes(), newer.bytes());
}

TEST(MessageId, IsNotMadeTwice) {
  SystemRandom random;
  std::set<MessageId> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(MessageId::make(from_millis(1), random));
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(MessageId, RefusesWhatIsNone) {
  EXPECT_TRUE(MessageId{}.is_nil());
  EXPECT_TRUE(MessageId::parse(std::string(26, '0'))->is_nil());
  EXPECT_TRUE(MessageId::parse("7" + std::string(25, 'Z')));
  EXPECT_FALSE(MessageId::parse("8" + std::string(25, '0'))) << "more than 128 bits";
  for (const std::string text : {"", "0", "000000000000000000000000000", "0000000000000000000000000I",
                                 "0000000000000000000000000U", "0000000000000/000000000000"}) {
    EXPECT_FALSE(MessageId::parse(text)) << text;
  }
  EXPECT_FALSE(MessageId::from_bytes("short"));
}

}  // namespace
}  // namespace mailreeve
