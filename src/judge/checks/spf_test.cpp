// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/checks/all.h"
#include "judge/list_watch.h"
#include "support/run.h"

namespace mailreeve::judge {
namespace {

using auth::Implied;
using auth::SpfResult;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SpfCheck : public testing::Test {
 protected:
  SpfCheck() {
    facts_.session->client = *IpAddress::parse("192.0.2.1");
    facts_.session->helo = "mail.example.net";
    facts_.sender = *mail::Mailbox::parse("user@example.org");
    own_.host_name = "mx.example.com";
  }

  std::vector<std::string> find(std::string_view zone) {
    auto resolver = dns::zone_resolver_from(zone);
    EXPECT_TRUE(resolver) << resolver.error().text;
    if (!resolver) return {};
    dns::Recorder recorder{**resolver};
    const auto check = make_spf(options_, lists_);
    const CheckContext context{recorder, *marks_, nullptr, clock_, spawner_, *log_, own_};
    last_ = spawner_.run(check->run(facts_, context));
    asked_ = recorder.asked();
    std::vector<std::string> codes;
    for (const auto& finding : last_) codes.push_back(finding.code);
    return codes;
  }
  /// What the one finding weighs.
  double weight() const { return last_.size() == 1 ? last_[0].weight : -100; }
  std::string evidence() const { return last_.size() == 1 ? last_[0].evidence : ""; }

  SystemClock clock_;
  support::TestSpawner spawner_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  ListWatch lists_{*log_, clock_};
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  OwnNames own_;
  CheckOptions options_;
  Facts facts_;
  Findings last_;
  std::size_t asked_ = 0;
};

TEST_F(SpfCheck, EveryResultIsAFinding) {
  struct Case {
    const char* record;
    const char* code;
    double weight;
    SpfResult result;
  };
  for (const auto& [record, code, expected, result] :
       {Case{"ip4:192.0.2.1 -all", "spf.pass", -0.5, SpfResult::pass}, Case{"-all", "spf.fail", 4.0, SpfResult::fail},
        Case{"~all", "spf.softfail", 1.5, SpfResult::softfail}, Case{"?all", "spf.neutral", 0.3, SpfResult::neutral},
        Case{"ip4:192.0.2 -all", "spf.permerror", 1.0, SpfResult::permerror},
        Case{"a:broken.example.org -all", "spf.temperror", 0.0, SpfResult::temperror}}) {
    EXPECT_THAT(find(fmt::format("example.org. TXT \"v=spf1 {}\"\nbroken.example.org. SERVFAIL\n", record)),
                ElementsAre(code));
    EXPECT_DOUBLE_EQ(weight(), expected) << code;
    ASSERT_TRUE(facts_.spf) << code;
    EXPECT_EQ(facts_.spf->result, result) << code;
    EXPECT_EQ(facts_.implied, Implied::not_asked) << code;
    EXPECT_NE(evidence(), "") << code;
  }
}

TEST_F(SpfCheck, EvidenceSaysWhoPermitsWhomAndWhy) {
  find(
      "example.org. TXT \"v=spf1 ip4:198.51.100.0/24 -all exp=why.example.org\"\n"
      "why.example.org. TXT \"see http://example.org/why\"\n");
  EXPECT_THAT(evidence(), HasSubstr("example.org does not permit 192.0.2.1"));
  EXPECT_THAT(evidence(), HasSubstr("-all"));
  EXPECT_THAT(evidence(), HasSubstr("see http://example.org/why"));
  find("example.org. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n");
  EXPECT_THAT(evidence(), HasSubstr("ip4:192.0.2.0/24"));
  find("example.org. TXT \"v=spf1 ipv4:192.0.2.0/24 -all\"\n");
  EXPECT_THAT(evidence(), HasSubstr("ipv4:192.0.2.0/24"));
}

TEST_F(SpfCheck, WithoutARecordNeighboursAreLookedFor) {
  const std::string hosts = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.250\n";
  EXPECT_THAT(find(hosts), ElementsAre("spf.none.implied-pass"));
  EXPECT_DOUBLE_EQ(weight(), 0.0);
  EXPECT_EQ(facts_.implied, Implied::pass);
  EXPECT_EQ(facts_.spf->result, SpfResult::none);
  facts_.session->client = *IpAddress::parse("198.51.100.1");
  EXPECT_THAT(find(hosts), ElementsAre("spf.none.implied-fail"));
  EXPECT_DOUBLE_EQ(weight(), 1.5);
  EXPECT_EQ(facts_.implied, Implied::fail);
  EXPECT_THAT(find("example.org. MX 10 mx.example.org.\nmx.example.org. TIMEOUT\n"), ElementsAre("spf.none"));
  EXPECT_DOUBLE_EQ(weight(), 0.5);
  EXPECT_EQ(facts_.implied, Implied::unknown);
}

TEST_F(SpfCheck, AnImpliedPassProvesNothing) {
  find("example.org. A 192.0.2.1\n");
  EXPECT_EQ(facts_.implied, Implied::pass);
  EXPECT_THAT(facts_.proven_domains(), IsEmpty());
  find("example.org. TXT \"v=spf1 ip4:192.0.2.1\"\n");
  EXPECT_THAT(facts_.proven_domains(), ElementsAre("example.org"));
}

TEST_F(SpfCheck, ADomainThatCannotBeLookedUpIsNotWithoutARecord) {
  EXPECT_THAT(find("example.org. TIMEOUT TXT\n"), ElementsAre("spf.temperror"));
  EXPECT_LE(weight(), 0.0);
  EXPECT_EQ(facts_.implied, Implied::not_asked);
}

TEST_F(SpfCheck, AClientThatIsNotWhatItSaysInHelo) {
  EXPECT_THAT(find("example.org. TXT \"v=spf1 +all\"\nmail.example.net. TXT \"v=spf1 -all\"\n"),
              ElementsAre("spf.helo.fail", "spf.pass"));
  EXPECT_DOUBLE_EQ(last_[0].weight, 2.0);
  EXPECT_THAT(last_[0].evidence, HasSubstr("mail.example.net does not permit 192.0.2.1"));
  ASSERT_TRUE(facts_.spf_helo);
  EXPECT_EQ(facts_.spf_helo->domain, "mail.example.net");
  EXPECT_EQ(facts_.spf->domain, "example.org");
}

TEST_F(SpfCheck, AHeloThatFailsIsTheOnlyOneSpokenOf) {
  const std::string zone = "example.org. TXT \"v=spf1 -all\"\n";
  for (const auto* record : {"v=spf1 a:n.example.net ~all", "v=spf1 ?all", "v=spf1 +all", "v=spf1 moo"}) {
    EXPECT_THAT(find(zone + fmt::format("mail.example.net. TXT \"{}\"\n", record)), ElementsAre("spf.fail")) << record;
  }
  EXPECT_THAT(find(zone + "mail.example.net. SERVFAIL\n"), ElementsAre("spf.fail"));
}

TEST_F(SpfCheck, TheNullSenderIsHeldToHelo) {
  facts_.sender.reset();
  EXPECT_THAT(find("mail.example.net. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"), ElementsAre("spf.pass"));
  EXPECT_EQ(facts_.spf_helo->result, SpfResult::pass);
  EXPECT_THAT(find("mail.example.net. TXT \"v=spf1 -all\"\n"), ElementsAre("spf.fail"));
  EXPECT_THAT(find(""), IsEmpty());
  EXPECT_FALSE(facts_.spf);
  EXPECT_EQ(facts_.implied, Implied::not_asked);
}

TEST_F(SpfCheck, ALiteralIsNeverAsked) {
  facts_.sender = *mail::Mailbox::parse("user@[192.0.2.1]");
  facts_.session->helo = "[192.0.2.1]";
  EXPECT_THAT(find(""), ElementsAre("spf.none"));
  EXPECT_EQ(asked_, 0U);
}

TEST_F(SpfCheck, AnInternationalDomainIsAskedAsItStandsInDns) {
  facts_.sender = *mail::Mailbox::parse(
      "user@b\xc3\xbc"
      "cher.example",
      mail::Utf8::allow);
  EXPECT_THAT(find("xn--bcher-kva.example. TXT \"v=spf1 -all\"\n"), ElementsAre("spf.fail"));
  EXPECT_THAT(evidence(), HasSubstr("xn--bcher-kva.example"));
}

TEST_F(SpfCheck, IsDeclaredWithItsReplies) {
  const auto check = make_spf(options_, lists_);
  const auto& info = check->info();
  EXPECT_EQ(info.name, "spf");
  EXPECT_EQ(info.stage, Stage::mail);
  const std::pair<std::string_view, std::string_view> enhanced[] = {
      {"spf.fail", "7.23"}, {"spf.helo.fail", "7.23"}, {"spf.permerror", "7.24"}, {"spf.temperror", "7.24"}};
  for (const auto& [code, number] : enhanced) {
    const auto found = std::ranges::find(info.findings, code, &FindingKind::code);
    ASSERT_NE(found, info.findings.end()) << code;
    EXPECT_EQ(found->enhanced, number) << code;
  }
}

}  // namespace
}  // namespace mailreeve::judge
