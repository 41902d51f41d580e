// SPDX-License-Identifier: Apache-2.0
#include "judge/pattern_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "judge/keywords.h"

namespace mailreeve::judge {
namespace {

using testing::HasSubstr;

struct Case {
  std::string_view pattern;
  std::size_t largest, repeated;
};

class Costs : public testing::TestWithParam<Case> {};

TEST_P(Costs, AreThoseOfRepeats) {
  const auto cost = cost_of(GetParam().pattern);
  EXPECT_EQ(cost.largest, GetParam().largest) << GetParam().pattern;
  EXPECT_EQ(cost.repeated, GetParam().repeated) << GetParam().pattern;
}

INSTANTIATE_TEST_SUITE_P(Patterns, Costs,
                         testing::Values(Case{"you have won", 0, 0}, Case{"a{3}b", 3, 3}, Case{"a.{0,100}b", 100, 100},
                                         Case{"a{7,}b", 7, 7}, Case{"(a.{0,5}){10}", 10, 60},
                                         Case{"(?i)(ab){4}|c{5}", 5, 13}, Case{"[a{9}]{3}", 3, 3},
                                         Case{"[^]{9}]{2}", 2, 2}, Case{"[[:alpha:]{9}]{2}", 2, 2},
                                         Case{R"(\x{263a}\{9})", 0, 0}, Case{R"(\p{Lu}{4})", 4, 4},
                                         Case{R"(\Qa{99}\E)", 0, 0}, Case{"{9}", 9, 0}, Case{"a{x}{,5}{5", 0, 0},
                                         Case{"(((a{99}){99}){99}){99}", 99, 1'000'000},
                                         Case{"a{99999999999999999999}", 1'000'000, 1'000'000}, Case{"(", 0, 0},
                                         Case{")", 0, 0}, Case{"[", 0, 0}, Case{"\\", 0, 0}));

std::string refusal(std::string pattern) {
  const auto begin = std::chrono::steady_clock::now();
  const auto set = KeywordSet::compile({KeywordRule{"prize", std::move(pattern)}});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20});
  return set ? "" : set.error().text;
}

TEST(KeywordCosts, WhatWouldTakeMinutesIsRefusedAtOnce) {
  const auto text = refusal(R"((?i)\bGewinn\b.{0,1000}euro\b)");
  EXPECT_THAT(text, HasSubstr("match of \"prize\": a repeat of 1000 is too long"));
  EXPECT_THAT(text, HasSubstr("write at most 100, as in .{0,100}, or .* for any distance"));
  EXPECT_THAT(refusal("(a.{0,50}b){10}"), HasSubstr("520 characters when multiplied out, 300 are possible"));
  EXPECT_EQ(refusal(R"((?i)\bGewinn\b.{0,100}euro\b)"), "");
  EXPECT_EQ(refusal(R"((?i)\bGewinn\b.*euro\b)"), "");
}

TEST(KeywordCosts, AllRulesTogetherAreBounded) {
  std::vector<KeywordRule> rules;
  for (int i = 0; i < 31; ++i) rules.push_back({"r" + std::to_string(i), "x" + std::to_string(i) + ".{0,100}y"});
  const auto set = KeywordSet::compile(rules);
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().text, HasSubstr("match of \"r30\": with it the repeats of all rules"));
}

TEST(KeywordCosts, TheCompilersWordsBecomeAdvice) {
  EXPECT_THAT(refusal(".*"), HasSubstr("match of \"prize\": it matches empty text, and so every message"));
  EXPECT_THAT(refusal("a.{0,100}b.{0,100}c"), HasSubstr("too large to be compiled; write shorter repeats"));
}

}  // namespace
}  // namespace mailreeve::judge
