// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/finding_names.h"
#include "config/load.h"

namespace mailreeve::config {
namespace {

using judge::Action;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view smallest = R"(hostname = "mx.example.org"
[[listener]]
role = "mx"
address = "127.0.0.1:2525"
[[domain]]
name = "example.org"
deliver = "smtp://10.0.0.25:25"
recipients = "any"
accept-any = true
policy = "balanced"
)";

Loaded load(std::string_view lines) {
  return load_text(std::string{smallest} + std::string{lines}, "test.toml", FileChecks::skip);
}

/// What is told; the settings must load.
std::string told(std::string_view lines) {
  const auto loaded = load(lines);
  std::string text;
  for (const auto& problem : loaded.problems) text += problem.format("test.toml") + "\n";
  EXPECT_TRUE(loaded.settings) << text;
  return text;
}

TEST(FindingRules, AMisspelledFindingIsToldWithItsPlaceAndWhatWasMeant) {
  EXPECT_THAT(told("[policy.strict.action]\n\"attachment.dangerus\" = \"reject\"\n"),
              HasSubstr("test.toml:12:1: warning: unknown finding \"attachment.dangerus\"; did you mean "
                        "\"attachment.dangerous\"?"));
  EXPECT_THAT(told("[policy.strict.weight]\n\"url.mismatsch\" = 1\n"), HasSubstr("did you mean \"url.mismatch\"?"));
  EXPECT_THAT(told("[checks.greylist]\nwhen = [\"spf.none\", \"nonsense.x\"]\n"),
              HasSubstr("test.toml:12:21: warning: unknown finding \"nonsense.x\"; `mailreeve checks` lists them"));
  EXPECT_THAT(told("[policy.strict.notify]\n\"virus.fond\" = \"none\"\n"), HasSubstr("did you mean \"virus.found\"?"));
  EXPECT_THAT(told("[checks.callout]\nonly-without = [\"spf.pas\"]\n"), HasSubstr("did you mean \"spf.pass\"?"));
  EXPECT_THAT(told("[[recipient]]\naddress = \"a@example.org\"\npolicy = \"strict\"\nweight = { \"spf.faill\" = 1 }\n"),
              HasSubstr("did you mean \"spf.fail\"?"));
}

TEST(FindingRules, AKeywordThatNoRuleHasIsTold) {
  constexpr std::string_view rule = "[[checks.keyword.rule]]\nname = \"prize\"\nmatch = \"prize\"\n";
  const auto with = [&](std::string_view code) {
    return told(fmt::format("{}[policy.strict.action]\n\"{}\" = \"tag\"\n", rule, code));
  };
  EXPECT_EQ(with("keyword.prize"), "");
  EXPECT_EQ(with("keyword"), "");
  EXPECT_THAT(with("keyword.prise"), HasSubstr("did you mean \"keyword.prize\"?"));
  EXPECT_THAT(with("keyword.something-else"), HasSubstr("no [[checks.keyword.rule]] has the name \"something-else\""));
}

TEST(FindingRules, WhatCanBeFoundIsKnown) {
  for (const auto* code : {"spf", "spf.none", "spf.none.implied-fail", "spf.helo", "dnsbl.any.list", "rhsbl.listed",
                           "office.macro", "mime", "scan.limit", "lists.block", "pregreet", "rate.messages",
                           "harvest.unknown-recipients", "url.listed", "virus.unavailable"}) {
    EXPECT_EQ(told(fmt::format("[policy.strict.weight]\n\"{}\" = 1\n", code)), "") << code;
  }
  EXPECT_EQ(told("[checks.dnsbl]\nlists = [{ zone = \"list.example\", finding = \"goodlist\", codes = [{ answer = "
                 "\"127.0.0.2\", finding = \"goodlist.best\" }] }]\n[policy.strict.weight]\n\"goodlist.best\" = -3\n"),
            "");
}

TEST(BuiltInPolicies, ATableOfTheSameNameChangesOnlyWhatItNames) {
  const auto loaded = load(
      "[policy.balanced]\ntag = 4.5\ngreylist = \"never\"\n[policy.balanced.action]\n\"spf.fail\" "
      "= \"none\"\n\"rdns.none\" = \"tag\"\n");
  ASSERT_TRUE(loaded.settings);
  EXPECT_TRUE(loaded.problems.empty());
  const auto& policy = *loaded.settings->policies.at("balanced");
  EXPECT_EQ(policy.tag, 4.5);
  EXPECT_EQ(policy.greylist, std::nullopt);
  EXPECT_EQ(policy.quarantine, 8.0);
  EXPECT_EQ(policy.actions.at("virus.found"), Action::reject);
  EXPECT_EQ(policy.actions.at("attachment.dangerous"), Action::reject);
  EXPECT_EQ(policy.actions.at("spf.fail"), Action::none);
  EXPECT_EQ(policy.actions.at("rdns.none"), Action::tag);
  const auto shown = show(*loaded.settings);
  EXPECT_THAT(shown, HasSubstr("greylist = \"never\""));
  EXPECT_THAT(shown, HasSubstr("\"spf.fail\" = \"none\""));
  const auto again = load_text(shown, "shown.toml", FileChecks::skip);
  ASSERT_TRUE(again.settings);
  EXPECT_EQ(show(*again.settings), shown);
}

TEST(BuiltInPolicies, TheExampleFileRefusesPrograms) {
  std::ifstream file{std::string{MAILREEVE_SOURCE_DIR} + "/etc/mailreeve.example.toml"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto loaded = load_text(text, "example.toml", FileChecks::skip);
  ASSERT_TRUE(loaded.settings);
  const auto& policy = *loaded.settings->policies.at("balanced");
  for (const auto* code : {"virus.found", "attachment.dangerous", "scan.crashed"}) {
    const auto verdict = judge::decide(policy, {{code, 0, "seen", "check"}, {"spf.pass", -5, "seen", "spf"}});
    EXPECT_GE(verdict.action, Action::quarantine) << code;
  }
}

TEST(BuiltInPolicies, AnotherNameMayBeLikeOne) {
  const auto loaded = load("[policy.mild]\nlike = \"balanced\"\nreject = 20\n");
  ASSERT_TRUE(loaded.settings);
  EXPECT_TRUE(loaded.problems.empty());
  const auto& policy = *loaded.settings->policies.at("mild");
  EXPECT_EQ(policy.name, "mild");
  EXPECT_EQ(policy.reject, 20.0);
  EXPECT_EQ(policy.quarantine, 8.0);
  EXPECT_EQ(policy.actions.at("virus.found"), Action::reject);
  const auto shown = show(*loaded.settings);
  EXPECT_EQ(show(*load_text(shown, "shown.toml", FileChecks::skip).settings), shown);
}

TEST(BuiltInPolicies, LikeNamesABuiltInOneAndNotFromWithinOne) {
  EXPECT_FALSE(load("[policy.mild]\nlike = \"balancd\"\n").settings);
  EXPECT_FALSE(load("[policy.balanced]\nlike = \"strict\"\n").settings);
  EXPECT_FALSE(load("[policy.balanced]\ngreylist = \"sometimes\"\n").settings);
}

TEST(PoliciesOfOtherNames, AreWarnedAboutWhenTheyLetTheWorstIn) {
  EXPECT_THAT(told("[policy.mine]\ntag = 5\n[policy.mine.action]\n\"virus\" = \"reject\"\n"),
              HasSubstr("test.toml:11:1: warning: [policy.mine] has no action for \"attachment.dangerous\", "
                        "\"scan.crashed\": "));
  EXPECT_EQ(told("[policy.mine.action]\n\"virus.found\" = \"reject\"\n\"attachment\" = \"tag\"\n\"scan.crashed\" = "
                 "\"none\"\n"),
            "");
}

TEST(DomainsWithoutAPolicy, AreWarnedAboutOnce) {
  constexpr std::string_view domain =
      "[[domain]]\nname = \"{}.example\"\ndeliver = \"smtp://10.0.0.25:25\"\nrecipients = \"any\"\naccept-any = true\n";
  const auto text = told(fmt::format(fmt::runtime(domain), "a") + fmt::format(fmt::runtime(domain), "b"));
  EXPECT_THAT(text, HasSubstr("warning: a.example (and 1 more) has no policy"));
  EXPECT_THAT(text, Not(HasSubstr("b.example")));
}

TEST(ChecksOfContent, AreIdleWithoutIt) {
  EXPECT_THAT(told("[checks.content]\nenabled = false\n[checks.url]\nenabled = false\n"),
              HasSubstr("test.toml:12:11: warning: without checks.content nothing is found by attachment, url-lists, "
                        "display, language, keyword, bayes"));
  EXPECT_EQ(told("[checks]\nenabled = false\n"), "");
}

TEST(SmallMistakes, AreToldWithWhatToWrite) {
  EXPECT_THAT(told("[checks.language]\nunwanted = [\"ru\", \"xx\"]\n"),
              HasSubstr("warning: unwanted: ISO 639-1 knows no \"xx\""));
  const auto wrong = [](std::string_view lines) {
    std::string text;
    const auto loaded = load(lines);
    EXPECT_FALSE(loaded.settings);
    for (const auto& problem : loaded.problems) text += problem.format("test.toml") + "\n";
    return text;
  };
  EXPECT_THAT(wrong("[checks.virus]\nicap = \"icap://scanner.example\"\n"),
              HasSubstr("\"scanner.example\" is a name; an address must stand there; write \"icap://127.0.0.1:1344"));
  EXPECT_THAT(wrong("[checks.virus]\nclamd = \"tcp:localhost:3310\"\n"),
              HasSubstr("\"localhost\" is a name; an address must stand there; write \"unix:"));
  EXPECT_THAT(wrong("[checks.virus]\nclamd = \"tcp:127.0.0.1\"\n"), Not(HasSubstr("is a name")));
  EXPECT_THAT(wrong("[checks.display]\npeople = [\"anna@example.org\"]\n"),
              HasSubstr("\"anna@example.org\" is an address; write whose name nobody else may show: \"Anna Muster "
                        "<anna@example.org>\""));
  EXPECT_THAT(wrong("[[checks.keyword.rule]]\nname = \"x\"\nmatch = \"y\"\nin = []\n"), HasSubstr("in is empty"));
  const auto both = wrong(
      "[[checks.keyword.rule]]\nname = \"a\"\nmatch = \".*\"\n[[checks.keyword.rule]]\nname = \"b\"\n"
      "match = \"x.{0,1000}y\"\n");
  EXPECT_THAT(both, HasSubstr("test.toml:13:9: error: match of \"a\": it matches empty text"));
  EXPECT_THAT(both, HasSubstr("test.toml:16:9: error: match of \"b\": a repeat of 1000 is too long"));
}

}  // namespace
}  // namespace mailreeve::config
