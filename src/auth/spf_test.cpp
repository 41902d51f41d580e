// SPDX-License-Identifier: Apache-2.0
// What the suite does not say: limits, what is told to people, identities, implied policies.
#include "auth/spf.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run.h"

namespace mailreeve::auth {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Spf : public testing::Test {
 protected:
  SpfOutcome check(std::string_view zone, SpfIdentity identity = SpfIdentity::mail_from) {
    auto resolver = dns::zone_resolver_from(zone);
    EXPECT_TRUE(resolver) << resolver.error().text;
    if (!resolver) return {};
    dns::Recorder recorder{**resolver};
    const SpfQuestion question{*IpAddress::parse(client_), helo_, sender_, "mx.example.net"};
    auto outcome = support::run(check_spf(recorder, question, identity, options_));
    asked_ = recorder.asked();
    return outcome;
  }
  SpfResult result(std::string_view zone) { return check(zone).result; }

  static std::string zone_of(std::string_view record, std::string_view rest = "") {
    return fmt::format("example.org. TXT \"{}\"\n{}", record, rest);
  }

  std::string client_ = "192.0.2.1";
  std::string helo_ = "mail.example.org";
  std::string sender_ = "user@example.org";
  SpfOptions options_;
  std::size_t asked_ = 0;
};

TEST_F(Spf, NamesTheDirectiveThatDecided) {
  const auto refused = check(zone_of("v=spf1 ip4:198.51.100.0/24 -all"));
  EXPECT_EQ(refused.result, SpfResult::fail);
  EXPECT_EQ(refused.matched, "-all");
  EXPECT_EQ(refused.problem, "");
  const auto permitted = check(
      zone_of("v=spf1 include:_spf.example.net ~all", "_spf.example.net. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"));
  EXPECT_EQ(permitted.result, SpfResult::pass);
  EXPECT_EQ(permitted.matched, "include:_spf.example.net (ip4:192.0.2.0/24)");
  EXPECT_EQ(permitted.lookups, 1U);
}

TEST_F(Spf, AnIncludeThatDoesNotMatchLeavesNothingBehind) {
  const auto outcome =
      check(zone_of("v=spf1 include:_spf.example.net ~all", "_spf.example.net. TXT \"v=spf1 -all\"\n"));
  EXPECT_EQ(outcome.result, SpfResult::softfail);
  EXPECT_EQ(outcome.matched, "~all");
  EXPECT_EQ(check(zone_of("v=spf1 include:_spf.example.net", "_spf.example.net. TXT \"v=spf1 -all\"\n")).matched, "");
}

TEST_F(Spf, TheDomainIsTheSendersInLowerCase) {
  sender_ = "user@Example.ORG.";
  const auto outcome = check(zone_of("v=spf1 -all"));
  EXPECT_EQ(outcome.result, SpfResult::fail);
  EXPECT_EQ(outcome.domain, "example.org");
}

TEST_F(Spf, TheNullSenderIsPostmasterAtHelo) {
  sender_ = "";
  helo_ = "example.org";
  options_.default_explanation = "no";
  const auto outcome = check(zone_of("v=spf1 exists:%{l}.%{o}._spf.example.org -all",
                                     "postmaster.example.org._spf.example.org. A 127.0.0.2\n"));
  EXPECT_EQ(outcome.result, SpfResult::pass);
  EXPECT_EQ(outcome.domain, "example.org");
}

TEST_F(Spf, TheHeloIdentityIgnoresTheSender) {
  const auto zone = zone_of("v=spf1 -all", "mail.example.org. TXT \"v=spf1 a -all\"\nmail.example.org. A 192.0.2.1\n");
  const auto outcome = check(zone, SpfIdentity::helo);
  EXPECT_EQ(outcome.result, SpfResult::pass);
  EXPECT_EQ(outcome.domain, "mail.example.org");
  EXPECT_EQ(check(zone).result, SpfResult::fail);
}

TEST_F(Spf, WhatIsNoDomainIsNotAsked) {
  for (const std::string domain :
       {"[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost", "a..example.org", ".example.org", "", "example..",
        "this-label-is-one-octet-longer-than-the-sixty-three-that-are-allowed.example.org"}) {
    sender_ = "user@" + domain;
    EXPECT_EQ(result(zone_of("v=spf1 -all")), SpfResult::none) << domain;
    EXPECT_EQ(asked_, 0U) << domain;
    helo_ = domain;
    EXPECT_EQ(check(zone_of("v=spf1 -all"), SpfIdentity::helo).result, SpfResult::none) << domain;
    EXPECT_EQ(asked_, 0U) << domain;
  }
}

TEST_F(Spf, AMappedAddressIsAnIpv4Client) {
  client_ = "::ffff:192.0.2.1";
  EXPECT_EQ(result(zone_of("v=spf1 ip4:192.0.2.1 -all")), SpfResult::pass);
  EXPECT_EQ(result(zone_of("v=spf1 ip6:::ffff:192.0.2.1 -all")), SpfResult::fail);
}

TEST_F(Spf, PrefixLengthsAreOfTheClientsFamily) {
  const auto zone = zone_of("v=spf1 a:host.example.org/24//64 -all",
                            "host.example.org. A 192.0.2.200\nhost.example.org. AAAA 2001:db8:1:2::1\n");
  EXPECT_EQ(result(zone), SpfResult::pass);
  client_ = "192.0.3.1";
  EXPECT_EQ(result(zone), SpfResult::fail);
  client_ = "2001:db8:1:2:ffff::9";
  EXPECT_EQ(result(zone), SpfResult::pass);
  client_ = "2001:db8:1:3::1";
  EXPECT_EQ(result(zone), SpfResult::fail);
}

TEST_F(Spf, OneRecordAmongOtherTexts) {
  EXPECT_EQ(result("example.org. TXT \"v=spf10 -all\"\nexample.org. TXT \"verify=1\"\n"), SpfResult::none);
  EXPECT_EQ(result("example.org. TXT \"verify=1\"\nexample.org. TXT \"V=SPF1 -all\"\n"), SpfResult::fail);
  options_.keep_steps = true;
  const auto two = check("example.org. TXT \"v=spf1 -all\"\nexample.org. TXT \"v=spf1 +all\"\n");
  EXPECT_EQ(two.result, SpfResult::permerror);
  EXPECT_THAT(two.problem, AllOf(HasSubstr("example.org"), HasSubstr("2 SPF records")));
  EXPECT_THAT(two.steps, SizeIs(2));
}

TEST_F(Spf, ARecordWithOctetsAbove127IsAnError) {
  const auto outcome = check(zone_of("v=spf1 a:b\\195\\188cher.example -all"));
  EXPECT_EQ(outcome.result, SpfResult::permerror);
  EXPECT_THAT(outcome.problem, HasSubstr("US-ASCII"));
}

TEST_F(Spf, ABrokenTermSpoilsTheRecordBeforeAnythingIsAsked) {
  const auto outcome = check(zone_of("v=spf1 mx +all ipv4:192.0.2.1"));
  EXPECT_EQ(outcome.result, SpfResult::permerror);
  EXPECT_THAT(outcome.problem, HasSubstr("ipv4:192.0.2.1"));
  EXPECT_EQ(asked_, 1U);
}

TEST_F(Spf, TenTermsMayAskAndNoMore) {
  std::string record = "v=spf1 ip4:198.51.100.1", hosts;
  for (int i = 0; i < 10; ++i) {
    record += fmt::format(" a:h{}.example.org", i);
    hosts += fmt::format("h{}.example.org. A 198.51.100.2\n", i);
  }
  const auto ten = check(zone_of(record + " ~all", hosts));
  EXPECT_EQ(ten.result, SpfResult::softfail);
  EXPECT_EQ(ten.lookups, 10U);
  const auto eleven = check(zone_of(record + " exists:h0.example.org ~all", hosts));
  EXPECT_EQ(eleven.result, SpfResult::permerror);
  EXPECT_THAT(eleven.problem, HasSubstr("10"));
  EXPECT_EQ(result(zone_of(record + " redirect=h0.example.org", hosts)), SpfResult::permerror);
  options_.lookup_limit = 11;
  EXPECT_EQ(result(zone_of(record + " exists:h0.example.org ~all", hosts)), SpfResult::pass);
}

TEST_F(Spf, TermsOfIncludesCountTogether) {
  std::string zone = zone_of("v=spf1 include:i1.example.org include:i2.example.org ~all");
  for (int i = 1; i <= 2; ++i) {
    std::string record = "v=spf1";
    for (int k = 0; k < 4; ++k) {
      record += fmt::format(" a:h{}{}.example.org", i, k);
      zone += fmt::format("h{}{}.example.org. A 198.51.100.2\n", i, k);
    }
    zone += fmt::format("i{}.example.org. TXT \"{} -all\"\n", i, record);
  }
  const auto outcome = check(zone);
  EXPECT_EQ(outcome.result, SpfResult::softfail);
  EXPECT_EQ(outcome.lookups, 10U);
  options_.lookup_limit = 9;
  EXPECT_EQ(result(zone), SpfResult::permerror);
}

TEST_F(Spf, TwoLookupsMayFindNothingAndNoMore) {
  const auto two = check(zone_of("v=spf1 a:n1.example.org exists:n2.example.org ~all"));
  EXPECT_EQ(two.result, SpfResult::softfail);
  EXPECT_EQ(two.void_lookups, 2U);
  const auto three = check(zone_of("v=spf1 a:n1.example.org exists:n2.example.org mx:n3.example.org ~all"));
  EXPECT_EQ(three.result, SpfResult::permerror);
  EXPECT_THAT(three.problem, HasSubstr("2"));
}

TEST_F(Spf, LoopsEnd) {
  EXPECT_EQ(result(zone_of("v=spf1 include:example.org -all")), SpfResult::permerror);
  EXPECT_LE(asked_, 12U);
  EXPECT_EQ(result(zone_of("v=spf1 redirect=example.org")), SpfResult::permerror);
  EXPECT_LE(asked_, 12U);
}

TEST_F(Spf, TenMailExchangersAreLookedAtAndNoMore) {
  std::string rest;
  for (int i = 0; i < 10; ++i) {
    rest += fmt::format("example.org. MX {0} m{0}.example.org.\nm{0}.example.org. A 198.51.100.{0}\n", i);
  }
  client_ = "198.51.100.9";
  EXPECT_EQ(result(zone_of("v=spf1 mx -all", rest)), SpfResult::pass);
  rest += "example.org. MX 99 m99.example.org.\n";
  client_ = "198.51.100.1";
  EXPECT_EQ(result(zone_of("v=spf1 mx -all", rest)), SpfResult::permerror);
}

TEST_F(Spf, TenNamesOfTheClientAreLookedAt) {
  std::string rest;
  for (int i = 0; i < 30; ++i) {
    rest += fmt::format("1.2.0.192.in-addr.arpa. PTR h{0}.other.example.\nh{0}.other.example. A 192.0.2.1\n", i);
  }
  EXPECT_EQ(result(zone_of("v=spf1 ptr:other.example -all", rest)), SpfResult::pass);
  EXPECT_LE(asked_, 12U);
}

TEST_F(Spf, ANameThatDoesNotLeadBackProvesNothing) {
  const std::string rest = "1.2.0.192.in-addr.arpa. PTR liar.example.org.\nliar.example.org. A 198.51.100.1\n";
  EXPECT_EQ(result(zone_of("v=spf1 ptr -all", rest)), SpfResult::fail);
  EXPECT_EQ(result(zone_of("v=spf1 ptr -all",
                           "1.2.0.192.in-addr.arpa. PTR notexample.org.\n"
                           "notexample.org. A 192.0.2.1\n")),
            SpfResult::fail);
}

TEST_F(Spf, WhatCannotBeKnownIsATemporaryError) {
  for (const auto* failure : {"SERVFAIL", "TIMEOUT", "BOGUS"}) {
    const auto record = check(fmt::format("example.org. {}\n", failure));
    EXPECT_EQ(record.result, SpfResult::temperror) << failure;
    EXPECT_THAT(record.problem, HasSubstr("example.org"));
    for (const auto* term : {"a", "mx", "exists", "include"}) {
      const auto outcome = check(
          zone_of(fmt::format("v=spf1 {}:x.example.org -all", term), fmt::format("x.example.org. {}\n", failure)));
      EXPECT_EQ(outcome.result, SpfResult::temperror) << term << failure;
      EXPECT_THAT(outcome.problem, HasSubstr("x.example.org")) << term << failure;
    }
    EXPECT_EQ(result(zone_of("v=spf1 redirect=x.example.org", fmt::format("x.example.org. {}\n", failure))),
              SpfResult::temperror);
    EXPECT_EQ(result(zone_of("v=spf1 mx -all",
                             fmt::format("example.org. MX 1 x.example.org.\nx.example.org. {}\n", failure))),
              SpfResult::temperror);
    // RFC 7208 5.5: of ptr it is no match.
    EXPECT_EQ(result(zone_of("v=spf1 ptr -all", fmt::format("1.2.0.192.in-addr.arpa. {}\n", failure))),
              SpfResult::fail);
  }
}

TEST_F(Spf, AMatchBeforeAFailureCounts) {
  EXPECT_EQ(result(zone_of("v=spf1 ip4:192.0.2.1 a:x.example.org -all", "x.example.org. SERVFAIL\n")), SpfResult::pass);
}

TEST_F(Spf, AnIncludeOrRedirectWithoutARecordIsAnError) {
  for (const auto* term : {"include:x.example.org", "redirect=x.example.org"}) {
    const auto outcome = check(zone_of(fmt::format("v=spf1 {}", term)));
    EXPECT_EQ(outcome.result, SpfResult::permerror) << term;
    EXPECT_THAT(outcome.problem, HasSubstr("x.example.org"));
  }
}

TEST_F(Spf, TooLongATimeIsATemporaryError) {
  options_.time_limit = std::chrono::seconds{-1};
  const auto outcome = check(zone_of("v=spf1 -all"));
  EXPECT_EQ(outcome.result, SpfResult::temperror);
  EXPECT_NE(outcome.problem, "");
}

TEST_F(Spf, AFailIsExplained) {
  const auto zone = zone_of("v=spf1 -all exp=why.%{d}", "why.example.org. TXT \"%{i} is not ours,%_%{s}; see %{c}\"\n");
  EXPECT_EQ(check(zone).explanation, "192.0.2.1 is not ours, user@example.org; see 192.0.2.1");
  options_.fetch_explanation = false;
  options_.default_explanation = "refused";
  EXPECT_EQ(check(zone).explanation, "refused");
  EXPECT_EQ(asked_, 1U);
}

TEST_F(Spf, OnlyAFailIsExplained) {
  options_.default_explanation = "refused";
  for (const auto* all : {"~all", "?all", "+all"}) {
    EXPECT_EQ(
        check(zone_of(fmt::format("v=spf1 {} exp=why.example.org", all), "why.example.org. TXT \"why\"\n")).explanation,
        "");
    EXPECT_EQ(asked_, 1U);
  }
}

TEST_F(Spf, ABrokenExplanationCostsOnlyItself) {
  options_.default_explanation = "refused";
  for (const auto* text :
       {"why.example.org. TXT \"%{x}\"", "why.example.org. TXT \"one\"\nwhy.example.org. TXT \"two\"",
        "why.example.org. TXT \"a\\013\\010b\"", "why.example.org. TXT \"b\\195\\188\"", "why.example.org. SERVFAIL",
        "other.example.org. TXT \"why\""}) {
    const auto outcome = check(zone_of("v=spf1 -all exp=why.example.org", std::string{text} + "\n"));
    EXPECT_EQ(outcome.result, SpfResult::fail) << text;
    EXPECT_EQ(outcome.explanation, "refused") << text;
    EXPECT_EQ(outcome.problem, "") << text;
  }
}

TEST_F(Spf, AnExplanationIsOneLineOfAsciiAndNotLong) {
  sender_ = "b\xc3\xbc\r\nX@example.org";
  const auto zone = zone_of("v=spf1 -all exp=why.example.org", "why.example.org. TXT \"%{l}|%{s}\"\n");
  EXPECT_EQ(check(zone).explanation, "bX|bX@example.org");
  sender_ = std::string(600, 'x') + "@example.org";
  EXPECT_THAT(check(zone).explanation, SizeIs(512));
}

TEST_F(Spf, TheExplanationOfARedirectCountsOfAnIncludeNot) {
  const std::string rest =
      "x.example.org. TXT \"v=spf1 -all exp=why.example.org\"\nwhy.example.org. TXT \"theirs %{d}\"\n"
      "ours.example.org. TXT \"ours\"\n";
  EXPECT_EQ(check(zone_of("v=spf1 redirect=x.example.org exp=ours.example.org", rest)).explanation,
            "theirs x.example.org");
  EXPECT_EQ(check(zone_of("v=spf1 include:x.example.org -all exp=ours.example.org", rest)).explanation, "ours");
}

TEST_F(Spf, StepsAreKeptWhereWanted) {
  const auto zone = zone_of("v=spf1 include:_spf.example.net -all",
                            "_spf.example.net. TXT \"v=spf1 a:n.example.net ip4:192.0.2.1\"\n");
  EXPECT_THAT(check(zone).steps, IsEmpty());
  options_.keep_steps = true;
  const auto step = [](unsigned depth, std::string domain, std::string term, std::string outcome) {
    return AllOf(Field(&SpfStep::depth, depth), Field(&SpfStep::domain, domain), Field(&SpfStep::term, term),
                 Field(&SpfStep::outcome, outcome));
  };
  EXPECT_THAT(check(zone).steps,
              ElementsAre(step(0, "example.org", "v=spf1 include:_spf.example.net -all", "record"),
                          step(1, "_spf.example.net", "v=spf1 a:n.example.net ip4:192.0.2.1", "record"),
                          step(1, "_spf.example.net", "a:n.example.net", "no match"),
                          step(1, "_spf.example.net", "ip4:192.0.2.1", "match"),
                          step(0, "example.org", "include:_spf.example.net", "match")));
}

TEST_F(Spf, StepsAreAtMost200) {
  options_.keep_steps = true;
  std::string record = "\"v=spf1";
  for (int i = 0; i < 400; ++i) record += i % 10 == 0 ? "\" \" ip4:10.0.0.1" : " ip4:10.0.0.1";
  const auto outcome = check("example.org. TXT " + record + " -all\"\n");
  EXPECT_EQ(outcome.result, SpfResult::fail);
  EXPECT_THAT(outcome.steps, SizeIs(200));
}

TEST_F(Spf, ConfirmedNamesExpandTheDomainItselfFirst) {
  const std::string names =
      "1.2.0.192.in-addr.arpa. PTR a.other.example.\n1.2.0.192.in-addr.arpa. PTR mx.example.org.\n"
      "1.2.0.192.in-addr.arpa. PTR example.org.\n"
      "a.other.example. A 192.0.2.1\nmx.example.org. A 192.0.2.1\n";
  const auto zone = zone_of("v=spf1 -all exp=why.example.org", "why.example.org. TXT \"%{p}\"\n");
  EXPECT_EQ(check(zone + names + "example.org. A 192.0.2.1\n").explanation, "example.org");
  EXPECT_EQ(check(zone + names).explanation, "mx.example.org");
  EXPECT_EQ(check(zone + "1.2.0.192.in-addr.arpa. PTR a.other.example.\na.other.example. A 192.0.2.1\n").explanation,
            "a.other.example");
  EXPECT_EQ(check(zone).explanation, "unknown");
}

Implied implied(std::string_view zone, std::string_view client, std::string domain = "example.org") {
  const auto resolver = dns::zone_resolver_from(zone);
  EXPECT_TRUE(resolver);
  return support::run(implied_spf(**resolver, std::move(domain), *IpAddress::parse(client)));
}

TEST(ImpliedSpf, NeighboursOfTheDomainAndItsExchangersPass) {
  const auto* zone =
      "example.org. A 192.0.2.80\nexample.org. MX 10 mx.example.net.\nmx.example.net. A 198.51.100.25\n"
      "mx.example.net. AAAA 2001:db8:1:2::25\n";
  EXPECT_EQ(implied(zone, "192.0.2.1"), Implied::pass);
  EXPECT_EQ(implied(zone, "198.51.100.200"), Implied::pass);
  EXPECT_EQ(implied(zone, "2001:db8:1:2:3::4"), Implied::pass);
  EXPECT_EQ(implied(zone, "192.0.3.1"), Implied::fail);
  EXPECT_EQ(implied(zone, "2001:db8:1:3::25"), Implied::fail);
}

TEST(ImpliedSpf, IsUnknownWhereALookupFails) {
  EXPECT_EQ(implied("example.org. SERVFAIL\n", "192.0.2.1"), Implied::unknown);
  EXPECT_EQ(implied("example.org. A 192.0.2.1\nexample.org. TIMEOUT MX\n", "198.51.100.1"), Implied::unknown);
  EXPECT_EQ(implied("example.org. A 192.0.2.1\nexample.org. TIMEOUT MX\n", "192.0.2.99"), Implied::pass);
  EXPECT_EQ(implied("example.org. MX 1 x.example.org.\nx.example.org. BOGUS\n", "192.0.2.1"), Implied::unknown);
  EXPECT_EQ(implied("", "192.0.2.1", "[192.0.2.1]"), Implied::unknown);
  EXPECT_EQ(implied("", "192.0.2.1", "localhost"), Implied::unknown);
}

TEST(ImpliedSpf, ADomainThatReceivesNothingImpliesItsAddressesOnly) {
  EXPECT_EQ(implied("example.org. MX 0 .\nexample.org. A 192.0.2.80\n", "198.51.100.1"), Implied::fail);
}

}  // namespace
}  // namespace mailreeve::auth
