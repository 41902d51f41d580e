// SPDX-License-Identifier: Apache-2.0
#include "judge/reply_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/declared.h"

namespace mailreeve::judge {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Verdict decided(std::string code, std::string evidence, Action action) {
  Verdict verdict;
  verdict.action = action;
  verdict.decided_by = code;
  verdict.score = 9.5;
  verdict.findings.push_back({{std::move(code), 3.0, std::move(evidence), "test"}, 3.0, action});
  return verdict;
}

TEST(ReplyText, NamesTheRuleTheReferenceAndAContact) {
  const auto verdict = decided("spf.fail", "192.0.2.7 may not send for example.org", Action::reject);
  const auto reply = reply_for(verdict, Action::reject, "01J0000", "postmaster@example.org");
  EXPECT_EQ(reply.code, 550);
  EXPECT_EQ(reply.enhanced, "5.7.23") << "RFC 7372 3.2";
  EXPECT_EQ(reply.text,
            "spf.fail: 192.0.2.7 may not send for example.org; reference 01J0000; contact postmaster@example.org");
}

TEST(ReplyText, WhatNobodyCouldFindOutIsTemporary) {
  for (const auto action : {Action::reject, Action::disconnect, Action::greylist}) {
    const auto reply = reply_for(decided("spf.temperror", "no answer", action), action, "r", "c");
    EXPECT_EQ(reply.code, 451);
    EXPECT_THAT(reply.enhanced, StartsWith("4."));
  }
}

TEST(ReplyText, GreylistingSaysHowLong) {
  auto verdict = decided("rdns.none", "no name", Action::greylist);
  verdict.wait = std::chrono::seconds{180};
  const auto reply = reply_for(verdict, Action::greylist, "r", "c");
  EXPECT_EQ(reply.code, 451);
  EXPECT_EQ(reply.enhanced, "4.7.1");
  EXPECT_THAT(reply.text, StartsWith("greylisted (rdns.none)"));
  EXPECT_THAT(reply.text, HasSubstr("180 s"));
}

TEST(ReplyText, AScoreNamesItsHeaviestReasons) {
  auto verdict = decided("dnsbl.x", "listed", Action::none);
  verdict.decided_by = "score";
  verdict.findings.push_back({{"good.sign", -1, "", ""}, -1, Action::none});
  const auto reply = reply_for(verdict, Action::reject, "r", "c");
  EXPECT_EQ(reply.code, 550);
  EXPECT_EQ(reply.enhanced, "5.7.1");
  EXPECT_THAT(reply.text, StartsWith("score: "));
  EXPECT_THAT(reply.text, HasSubstr("9.5: dnsbl.x)"));
}

TEST(ReplyText, IsOneShortLineOfAsciiWhateverTheEvidence) {
  const auto evidence = "b\xc3\xa4" + std::string("d\r\n250 ok\x00", 9) + std::string(5000, 'x');
  const auto reply = reply_for(decided("helo.unknown", evidence, Action::disconnect), Action::disconnect,
                               "01J00000000000000000000000", "postmaster@gateway.example.org");
  EXPECT_EQ(reply.code, 554);
  EXPECT_LE(reply.text.size(), 400U);
  EXPECT_THAT(reply.text, testing::Each(testing::AllOf(testing::Ge(' '), testing::Le('~'))));
}

TEST(Declared, EveryFindingHasAMeaningAndAnEnhancedCode) {
  const auto* spf = find_declared("spf.fail");
  ASSERT_NE(spf, nullptr);
  EXPECT_EQ(spf->enhanced, "7.23");
  EXPECT_NE(find_declared("harvest.unknown-recipients"), nullptr);
  EXPECT_EQ(find_declared("dnsbl.somebody"), nullptr);
  for (const auto& kind : findings_beside_checks()) {
    EXPECT_FALSE(kind.meaning.empty()) << kind.code;
    EXPECT_EQ(find_declared(kind.code), &kind);
  }
}

}  // namespace
}  // namespace mailreeve::judge
