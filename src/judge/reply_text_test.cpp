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

TEST(ReplyText, WhatAMessageCarriedIsNamed) {
  const struct {
    const char* code;
    const char* evidence;
    const char* enhanced;
  } cases[] = {
      {"attachment.dangerous", "part 2!a.zip!run.exe: run.exe (content: exe) is of the kind executable", "5.7.1"},
      {"attachment.encrypted", "part 2: secret.zip", "5.7.1"},
      {"office.macro.auto-run", "part 2: a macro that runs by itself", "5.7.1"},
      {"url.mismatch", "shown www.bank.example, leads to evil.example", "5.7.1"},
      {"from.display-forged", "\"Anna Muster\" <thief@sender.example>", "5.7.1"},
      {"keyword.prize", "in the subject: ...you have won", "5.7.1"},
      {"scan.limit.ratio", "part 2: more than 200 times its size", "5.7.1"},
      {"scan.crashed", "this content ended the scanner before", "5.7.1"},
      {"mime.ambiguous", "part 1: two types", "5.6.0"},
      {"mime.partial", "a piece of a message", "5.6.0"},
  };
  for (const auto& one : cases) {
    const auto reply =
        reply_for(decided(one.code, one.evidence, Action::reject), Action::reject, "01J0000", "ops@example.org");
    EXPECT_EQ(reply.code, 550) << one.code;
    EXPECT_EQ(reply.enhanced, one.enhanced) << one.code;
    EXPECT_EQ(reply.text, std::string{one.code} + ": " + one.evidence + "; reference 01J0000; contact ops@example.org");
  }
}

TEST(ReplyText, WhatAMessageCarriedCannotBreakTheReply) {
  // A file's name is whatever a stranger writes.
  const std::string name{"a\r\n250 ok\0\xe2\x80\xae.exe", 16};
  const auto reply = reply_for(decided("attachment.dangerous", name + std::string(5000, 'n'), Action::reject),
                               Action::reject, "01J0000", "ops@example.org");
  EXPECT_THAT(reply.text, StartsWith("attachment.dangerous: a??250 ok"));
  EXPECT_THAT(reply.text, HasSubstr("; reference 01J0000; contact ops@example.org"));
  EXPECT_LE(reply.text.size(), 400U);
  EXPECT_THAT(reply.text, testing::Each(testing::AllOf(testing::Ge(' '), testing::Le('~'))));
}

TEST(ReplyText, WhatNobodyCouldLookAtIsToldWithoutOurTroubles) {
  const auto reply =
      unexamined_reply({"scan.unavailable", "no scanner is free: /usr/bin/mailreeve"}, "01J0000", "ops@example.org");
  EXPECT_EQ(reply.code, 451);
  EXPECT_EQ(reply.enhanced, "4.7.0");
  EXPECT_THAT(reply.text, StartsWith("scan.unavailable: "));
  EXPECT_THAT(reply.text, HasSubstr("; reference 01J0000; contact ops@example.org"));
  EXPECT_THAT(reply.text, testing::Not(HasSubstr("/usr/bin")));
}

TEST(ReplyText, HowAnEngineNamesAVirusIsShown) {
  const auto reply =
      reply_for(decided("virus.found", "Eicar-Test-Signature (clamd)", Action::reject), Action::reject, "r", "c");
  EXPECT_EQ(reply.code, 550);
  EXPECT_THAT(reply.text, StartsWith("virus.found: Eicar-Test-Signature (clamd)"));
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
