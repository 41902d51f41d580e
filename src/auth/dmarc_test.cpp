// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run.h"

namespace mailreeve::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Dmarc : public testing::Test {
 protected:
  DmarcOutcome check(std::string_view zone, DmarcQuestion question) {
    auto resolver = dns::zone_resolver_from(zone);
    EXPECT_TRUE(resolver) << resolver.error().text;
    dns::Recorder recorder{**resolver};
    auto outcome = support::run(check_dmarc(recorder, std::move(question)));
    asked_ = recorder.asked();
    return outcome;
  }
  static DmarcQuestion by_spf(std::string from, std::string spf, SpfResult result = SpfResult::pass) {
    DmarcQuestion question;
    question.from_domain = std::move(from);
    question.spf = result;
    question.spf_domain = std::move(spf);
    return question;
  }
  static DmarcQuestion by_dkim(std::string from, std::string signer, DkimResult result = DkimResult::pass) {
    DmarcQuestion question;
    question.from_domain = std::move(from);
    question.dkim.emplace_back(std::move(signer), result);
    return question;
  }
  std::size_t asked_ = 0;
};

constexpr std::string_view relaxed =
    "example.org. MX 5 mx.example.org.\nnews.example.org. MX 5 mx.example.org.\n"
    "_dmarc.example.org. TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\n";
constexpr std::string_view strict = "_dmarc.example.org. TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n";

TEST_F(Dmarc, OneAlignedProofIsEnough) {
  EXPECT_EQ(check(relaxed, by_spf("example.org", "bounce.example.org")).result, DmarcResult::pass);
  EXPECT_EQ(check(relaxed, by_dkim("news.example.org", "example.org")).result, DmarcResult::pass);
  EXPECT_EQ(check(relaxed, by_spf("example.org", "example.net")).result, DmarcResult::fail);
  EXPECT_EQ(check(relaxed, by_spf("example.org", "example.org", SpfResult::softfail)).result, DmarcResult::fail);
  EXPECT_EQ(check(relaxed, by_dkim("example.org", "example.org", DkimResult::policy)).result, DmarcResult::fail);
  EXPECT_EQ(check(relaxed, by_dkim("example.org", "badexample.org")).result, DmarcResult::fail);
}

TEST_F(Dmarc, StrictMeansTheVeryDomain) {
  EXPECT_EQ(check(strict, by_spf("example.org", "bounce.example.org")).result, DmarcResult::fail);
  EXPECT_EQ(check(strict, by_dkim("example.org", "news.example.org")).result, DmarcResult::fail);
  EXPECT_EQ(check(strict, by_dkim("example.org", "Example.ORG")).result, DmarcResult::pass);
}

TEST_F(Dmarc, ThePolicyIsThatOfTheDomainItsChildrenOrThoseThatDoNotExist) {
  EXPECT_EQ(check(relaxed, by_spf("example.org", "")).policy, DmarcPolicy::reject);
  EXPECT_EQ(check(relaxed, by_spf("news.example.org", "")).policy, DmarcPolicy::quarantine);
  const auto nobody = check(relaxed, by_spf("nobody.example.org", ""));
  EXPECT_EQ(nobody.policy, DmarcPolicy::none);
  EXPECT_EQ(nobody.domain, "example.org");
}

TEST_F(Dmarc, ATestingDomainAsksForOneStepLess) {
  const auto outcome = check("_dmarc.example.org. TXT \"v=DMARC1; p=reject; t=y\"\n", by_spf("example.org", ""));
  EXPECT_TRUE(outcome.testing);
  EXPECT_EQ(outcome.published, DmarcPolicy::reject);
  EXPECT_EQ(outcome.policy, DmarcPolicy::quarantine);
}

TEST_F(Dmarc, ThePublicSuffixSaysWhereAnOrganizationEnds) {
  constexpr std::string_view zone =
      "_dmarc.co.example. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.shop.co.example. TXT \"v=DMARC1; p=none\"\n";
  EXPECT_EQ(check(zone, by_dkim("a.shop.co.example", "shop.co.example")).result, DmarcResult::pass);
  EXPECT_EQ(check(zone, by_dkim("shop.co.example", "other.co.example")).result, DmarcResult::fail)
      << "two customers of one suffix are strangers";
}

TEST_F(Dmarc, TheWalkUpTheTreeIsShort) {
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  const auto outcome = check("x.test. A 192.0.2.1\n", by_spf(deep + ".example.org", "elsewhere.test"));
  EXPECT_EQ(outcome.result, DmarcResult::none);
  EXPECT_LE(asked_, 9U);
}

TEST_F(Dmarc, WhatCannotBeAskedIsNoVerdict) {
  const auto outcome = check("_dmarc.example.org. SERVFAIL\n", by_spf("example.org", "example.net"));
  EXPECT_EQ(outcome.result, DmarcResult::temperror);
}

TEST_F(Dmarc, TwoRecordsAreNone) {
  const auto outcome = check(
      "_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n_dmarc.example.org. TXT \"v=DMARC1; p=none\"\n"
      "_dmarc.example.org. TXT \"something else\"\n",
      by_spf("example.org", "example.net"));
  EXPECT_NE(outcome.result, DmarcResult::fail);
  EXPECT_EQ(outcome.policy, DmarcPolicy::none);
}

TEST(DmarcRecord, IsReadAsBothRfcsWriteIt) {
  const auto record = parse_dmarc_record(
      "v=DMARC1; p=Quarantine; sp=reject; np=none; adkim=s; aspf=r; psd=n; "
      "rua=mailto:a@example.org,mailto:b@example.net"
      "; fo=1:d; x-unknown=1;");
  ASSERT_TRUE(record) << record.error().text;
  EXPECT_EQ(record->p, DmarcPolicy::quarantine);
  EXPECT_EQ(record->sp, DmarcPolicy::reject);
  EXPECT_EQ(record->np, DmarcPolicy::none);
  EXPECT_TRUE(record->strict_dkim);
  EXPECT_FALSE(record->strict_spf);
  EXPECT_EQ(record->psd, 'n');
  EXPECT_THAT(record->rua, ElementsAre("mailto:a@example.org", "mailto:b@example.net"));
  const auto old = parse_dmarc_record("v=DMARC1; p=reject; pct=0");
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->testing) << "pct=0 was how one tested before RFC 9989";
  EXPECT_FALSE(parse_dmarc_record("v=DMARC1; p=reject; pct=50").value().testing);
}

TEST(DmarcRecord, WhatIsNoRecordIsToldSo) {
  for (const auto* text : {"", "p=reject; v=DMARC1", "v=DMARC2; p=none", "v=dmarc1; p=none", "v=DMARC1 p=none"}) {
    EXPECT_FALSE(parse_dmarc_record(text)) << text;
  }
}

class AuthorsTest : public testing::Test {
 protected:
  static Authors of(const std::string& fields) { return authors_of(mail::Header{fields}); }
};

TEST_F(AuthorsTest, OneAuthorHasOneDomainInLowerCase) {
  const auto authors = of("From: \"Anna (Sales), Inc.\" <anna@Example.ORG>\r\n");
  EXPECT_THAT(authors.domains, ElementsAre("example.org"));
  EXPECT_EQ(authors.problem, "");
  EXPECT_THAT(of("From: anna@b\xc3\xbc"
                 "cher.example\r\n")
                  .domains,
              ElementsAre("xn--bcher-kva.example"));
}

TEST_F(AuthorsTest, ADisplayNameIsNoAddress) {
  const auto authors = of("From: \"ceo@bank.example\" <thief@evil.example>\r\n");
  EXPECT_THAT(authors.domains, ElementsAre("evil.example"));
  EXPECT_THAT(of("From: ceo@bank.example <thief@evil.example>\r\n").domains, testing::Contains("evil.example"));
  EXPECT_THAT(of("From: anna@example.org (thief@evil.example)\r\n").domains, ElementsAre("example.org"));
}

TEST_F(AuthorsTest, SeveralAndBrokenOnesAreTold) {
  EXPECT_THAT(of("From: a@one.example, b@two.example, c@one.example\r\n").domains,
              ElementsAre("one.example", "two.example"));
  const auto twice = of("From: a@one.example\r\nFrom: b@two.example\r\n");
  EXPECT_EQ(twice.fields, 2U);
  EXPECT_THAT(twice.problem, testing::Not(IsEmpty()));
  EXPECT_THAT(twice.domains, testing::IsSupersetOf({"one.example"}));
  for (const auto* text : {"From:\r\n", "From: nobody\r\n", "From: <@>\r\n", "From: friends:;\r\n", "Subject: x\r\n"}) {
    EXPECT_THAT(of(text).problem, testing::Not(IsEmpty())) << text;
    EXPECT_THAT(of(text).domains, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace mailreeve::auth
