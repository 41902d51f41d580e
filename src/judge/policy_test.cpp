// SPDX-License-Identifier: Apache-2.0
#include "judge/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Finding found(std::string code, double weight, std::string evidence = "seen") {
  return {std::move(code), weight, std::move(evidence), "test"};
}

Policy balanced() {
  Policy policy;
  policy.name = "balanced";
  policy.tag = 5.0;
  policy.quarantine = 7.0;
  policy.reject = 10.0;
  return policy;
}

TEST(Action, NamesAreReadBack) {
  for (const auto action :
       {Action::none, Action::tag, Action::greylist, Action::quarantine, Action::reject, Action::disconnect}) {
    EXPECT_EQ(parse_action(name(action)), action);
  }
  EXPECT_EQ(verdict_name(Action::none), "accept");
  EXPECT_EQ(verdict_name(Action::reject), "reject");
  EXPECT_FALSE(parse_action("accept"));
  EXPECT_FALSE(parse_action("Reject"));
  EXPECT_FALSE(parse_action(""));
}

struct ScoreCase {
  std::vector<double> weights;
  Action action;
};
class Scores : public testing::TestWithParam<ScoreCase> {};

TEST_P(Scores, ThresholdsAreInclusive) {
  Findings findings;
  for (const double weight : GetParam().weights) findings.push_back(found("x.y", weight));
  EXPECT_EQ(decide(balanced(), findings).action, GetParam().action);
}

INSTANTIATE_TEST_SUITE_P(Policy, Scores,
                         testing::Values(ScoreCase{{}, Action::none}, ScoreCase{{4.9}, Action::none},
                                         ScoreCase{{5.0}, Action::tag}, ScoreCase{{6.9}, Action::tag},
                                         ScoreCase{{7.0}, Action::quarantine}, ScoreCase{{9.9}, Action::quarantine},
                                         ScoreCase{{10.0}, Action::reject}, ScoreCase{{1000.0}, Action::reject},
                                         ScoreCase{{12.0, -3.0}, Action::quarantine}, ScoreCase{{-20.0}, Action::none},
                                         // Sums of tenths are not exact in binary.
                                         ScoreCase{{0.1, 0.2, 0.3, 0.7, 1.1, 2.6}, Action::tag},
                                         ScoreCase{{3.3, 3.3, 3.4}, Action::reject}));

TEST(Policy, WithoutThresholdsAScoreDoesNothing) {
  EXPECT_EQ(decide(Policy{}, {found("spf.fail", 100)}).action, Action::none);
  EXPECT_DOUBLE_EQ(decide(Policy{}, {found("spf.fail", 100)}).score, 100);
}

TEST(Policy, TheLongestRuleWins) {
  auto policy = balanced();
  policy.actions = {{"spf", Action::tag}, {"spf.none", Action::none}, {"spf.none.implied-fail", Action::reject}};
  EXPECT_EQ(decide(policy, {found("spf.fail", 0)}).action, Action::tag);
  EXPECT_EQ(decide(policy, {found("spf.none", 0)}).action, Action::none);
  EXPECT_EQ(decide(policy, {found("spf.none.implied-pass", 0)}).action, Action::none);
  EXPECT_EQ(decide(policy, {found("spf.none.implied-fail", 0)}).action, Action::reject);
  EXPECT_EQ(decide(policy, {found("spfx.fail", 0)}).action, Action::none) << "a rule ends at a dot";
}

TEST(Policy, WeightsAreOverriddenByTheLongestRule) {
  auto policy = balanced();
  policy.weights = {{"dnsbl", 1.0}, {"dnsbl.spamhaus", 6.0}};
  const auto verdict = decide(policy, {found("dnsbl.spamhaus", 3), found("dnsbl.other", 3), found("rdns.none", 0.5)});
  EXPECT_DOUBLE_EQ(verdict.score, 7.5);
  EXPECT_EQ(verdict.action, Action::quarantine);
  ASSERT_EQ(verdict.findings.size(), 3U);
  EXPECT_EQ(verdict.findings[0].finding.code, "dnsbl.spamhaus");
  EXPECT_DOUBLE_EQ(verdict.findings[0].weight, 6.0);
  EXPECT_DOUBLE_EQ(verdict.findings[0].finding.weight, 3.0) << "what the check said stays readable";
}

TEST(Policy, TheHarsherOfActionAndScoreWins) {
  auto policy = balanced();
  policy.actions = {{"helo.not-fqdn", Action::tag}};
  const auto by_action = decide(policy, {found("helo.not-fqdn", 1)});
  EXPECT_EQ(by_action.action, Action::tag);
  EXPECT_EQ(by_action.decided_by, "helo.not-fqdn");
  const auto by_score = decide(policy, {found("helo.not-fqdn", 1), found("spf.fail", 9)});
  EXPECT_EQ(by_score.action, Action::reject);
  EXPECT_EQ(by_score.decided_by, "score");
}

TEST(Policy, TheDecidingFindingStandsFirstThenTheHeaviest) {
  auto policy = balanced();
  policy.actions = {{"rdns.none", Action::reject}};
  const auto verdict = decide(policy, {found("a.light", 0.1), found("b.heavy", 4), found("rdns.none", 1)});
  ASSERT_EQ(verdict.findings.size(), 3U);
  EXPECT_EQ(verdict.findings[0].finding.code, "rdns.none");
  EXPECT_EQ(verdict.findings[1].finding.code, "b.heavy");
  EXPECT_EQ(verdict.findings[2].finding.code, "a.light");
}

TEST(Policy, SaysWhyInOneSentence) {
  auto policy = balanced();
  policy.actions = {{"spf.fail", Action::reject}};
  const auto by_action = decide(policy, {found("spf.fail", 3)});
  EXPECT_THAT(by_action.why, HasSubstr("spf.fail"));
  EXPECT_THAT(by_action.why, HasSubstr("balanced"));
  EXPECT_THAT(by_action.why, HasSubstr("reject"));
  const auto by_score = decide(policy, {found("dnsbl.x", 10.5)});
  EXPECT_THAT(by_score.why, HasSubstr("10.5"));
  EXPECT_THAT(by_score.why, HasSubstr("10.0 or more"));
  EXPECT_THAT(decide(policy, {}).why, HasSubstr("lets it in"));
}

TEST(Policy, SaysWhatWouldHaveChangedTheOutcome) {
  const auto verdict = decide(balanced(), {found("spf.softfail", 1.5), found("dnsbl.x", 4.2)});
  EXPECT_EQ(verdict.action, Action::tag);
  EXPECT_EQ(verdict.would_change, "without spf.softfail (+1.5) the score would be 4.2: accept");
  EXPECT_THAT(decide(balanced(), {found("dnsbl.x", 4.2)}).would_change, HasSubstr("0.8 more"));
  EXPECT_THAT(decide(balanced(), {found("dnsbl.x", 4.2)}).would_change, HasSubstr("tag"));
}

TEST(Policy, WhatWouldHaveChangedIsTrue) {
  auto policy = balanced();
  policy.actions = {{"spf.fail", Action::reject}};
  const auto own_weight = decide(policy, {found("spf.fail", 4), found("rdns.none", 2)});
  EXPECT_EQ(own_weight.would_change, "without spf.fail it would be: accept (score 2.0)");
  policy.actions = {{"spf.fail", Action::reject}, {"dmarc.fail", Action::reject}};
  EXPECT_EQ(decide(policy, {found("spf.fail", 1), found("dmarc.fail", 1)}).would_change,
            "only without all of spf.fail, dmarc.fail it would be: accept (score 0.0)");
  policy.actions = {{"spf.softfail", Action::quarantine}};
  const auto by_score = decide(policy, {found("spf.softfail", 1), found("dnsbl.x", 9.5)});
  EXPECT_EQ(by_score.action, Action::reject);
  EXPECT_EQ(by_score.would_change, "without spf.softfail (+1.0) the score would be 9.5: quarantine");
  policy.actions = {{"spf.softfail", Action::tag}};
  const auto still_tagged = decide(policy, {found("spf.softfail", 0), found("dnsbl.x", 10)});
  EXPECT_EQ(still_tagged.would_change, "without dnsbl.x (+10.0) the score would be 0.0: tag");
}

TEST(Policy, ABlockedAddressCountsForRoleRecipientsWhateverElseIsListed) {
  const auto by_address = found("lists.block", 20, "ip:192.0.2.0/24 (192.0.2.7)");
  const auto by_sender = found("lists.block", 20, "from-envelope:spammer.example (a@spammer.example)");
  EXPECT_EQ(decide(balanced(), {by_address, by_sender}, {.is_role = true}).action, Action::reject);
  EXPECT_EQ(decide(balanced(), {by_sender, by_address}, {.is_role = true}).action, Action::reject);
}

TEST(Policy, BlockListsRejectUnlessThePolicySaysOtherwise) {
  EXPECT_EQ(decide(Policy{}, {found("lists.block", 20)}).action, Action::reject);
  EXPECT_EQ(decide(Policy{}, {found("lists.block", 20)}).decided_by, "lists.block");
  Policy policy;
  policy.actions = {{"lists.block", Action::quarantine}};
  EXPECT_EQ(decide(policy, {found("lists.block", 20)}).action, Action::quarantine);
  policy.actions = {{"lists.block", Action::none}};
  EXPECT_EQ(decide(policy, {found("lists.block", 20)}).action, Action::none);
}

TEST(Policy, AllowListsLetEverythingInButWhatIsBlocked) {
  auto policy = balanced();
  policy.actions = {{"spf.fail", Action::reject}};
  const auto allow = found("lists.allow", -20);
  EXPECT_EQ(decide(policy, {allow, found("spf.fail", 3)}).action, Action::none);
  EXPECT_EQ(decide(policy, {allow, found("dnsbl.x", 100)}).action, Action::none) << "whatever the score";
  const auto blocked = decide(policy, {allow, found("spf.fail", 3), found("lists.block", 20)});
  EXPECT_EQ(blocked.action, Action::reject);
  EXPECT_EQ(blocked.decided_by, "lists.block");
  ASSERT_FALSE(blocked.findings.empty());
  EXPECT_EQ(blocked.findings.front().finding.code, "lists.block");
  policy.actions["lists.allow"] = Action::none;
  EXPECT_EQ(decide(policy, {allow, found("spf.fail", 3)}).action, Action::reject) << "only its weight counts now";
}

TEST(Policy, ObservingDoesNothingAndStillTellsEverything) {
  auto policy = balanced();
  policy.observe = true;
  const auto verdict = decide(policy, {found("lists.block", 20), found("spf.fail", 30)});
  EXPECT_EQ(verdict.action, Action::none);
  EXPECT_THAT(verdict.decided_by, IsEmpty());
  EXPECT_DOUBLE_EQ(verdict.score, 50);
  EXPECT_EQ(verdict.findings.size(), 2U);
}

class RoleRecipients : public testing::TestWithParam<Action> {};

TEST_P(RoleRecipients, AreNeverRefused) {
  auto policy = balanced();
  policy.actions = {{"spf.fail", GetParam()}};
  const auto verdict = decide(policy, {found("spf.fail", 3)}, {.is_role = true});
  EXPECT_EQ(verdict.action, Action::tag);
  EXPECT_THAT(verdict.why, HasSubstr("postmaster"));
}

INSTANTIATE_TEST_SUITE_P(Policy, RoleRecipients,
                         testing::Values(Action::greylist, Action::quarantine, Action::reject, Action::disconnect));

TEST(Policy, RoleRecipientsAreTaggedForTheScoreAndForListsOfSenders) {
  EXPECT_EQ(decide(balanced(), {found("dnsbl.x", 50)}, {.is_role = true}).action, Action::tag);
  const auto by_sender = found("lists.block", 20, "from-envelope:spammer.example (a@spammer.example)");
  EXPECT_EQ(decide(balanced(), {by_sender}, {.is_role = true}).action, Action::tag);
}

TEST(Policy, RoleRecipientsOfABlockedAddressAreRefused) {
  const auto by_address = found("lists.block", 20, "ip:192.0.2.0/24 (192.0.2.7)");
  EXPECT_EQ(decide(balanced(), {by_address}, {.is_role = true}).action, Action::reject);
}

TEST(Policy, GreylistsForNamedFindingsUntilTheyHaveWaited) {
  RecipientContext recipient;
  recipient.greylist_when = {"spf.none", "rdns"};
  for (const auto* code : {"rdns.none", "spf.none.implied-fail", "spf.none"}) {
    const auto verdict = decide(balanced(), {found(code, 1)}, recipient);
    EXPECT_EQ(verdict.action, Action::greylist) << code;
    EXPECT_EQ(verdict.decided_by, code);
  }
  EXPECT_EQ(decide(balanced(), {found("spf.fail", 1)}, recipient).action, Action::none);
  recipient.has_waited = true;
  EXPECT_EQ(decide(balanced(), {found("rdns.none", 1)}, recipient).action, Action::none);
}

TEST(Policy, AGreylistThresholdOrActionIsBehindThoseWhoHaveWaited) {
  auto policy = balanced();
  policy.greylist = 6.0;
  policy.actions = {{"helo.literal", Action::greylist}};
  const RecipientContext waited{.has_waited = true};
  EXPECT_EQ(decide(policy, {found("x.y", 6)}).action, Action::greylist);
  EXPECT_EQ(decide(policy, {found("x.y", 6)}, waited).action, Action::tag);
  EXPECT_EQ(decide(policy, {found("helo.literal", 0)}).action, Action::greylist);
  EXPECT_EQ(decide(policy, {found("helo.literal", 0)}, waited).action, Action::none);
}

TEST(Policy, WhoIsAllowedDoesNotWait) {
  RecipientContext recipient;
  recipient.greylist_when = {"rdns"};
  EXPECT_EQ(decide(balanced(), {found("rdns.none", 1), found("lists.allow", -20)}, recipient).action, Action::none);
}

TEST(Policy, IsPure) {
  auto policy = balanced();
  policy.actions = {{"b", Action::quarantine}};
  const Findings findings{found("a", 3), found("b", 1), found("c", 2)};
  const auto once = decide(policy, findings);
  const auto again = decide(policy, {findings[2], findings[0], findings[1]});
  EXPECT_EQ(once.action, again.action);
  EXPECT_EQ(once.why, again.why);
  EXPECT_EQ(once.would_change, again.would_change);
  EXPECT_DOUBLE_EQ(once.score, again.score);
}

struct SettleCase {
  std::vector<Action> wanted, got;
};
class Settling : public testing::TestWithParam<SettleCase> {};

TEST_P(Settling, OneTransactionHasOneAnswer) {
  std::vector<Verdict> verdicts;
  for (const auto action : GetParam().wanted) verdicts.emplace_back().action = action;
  EXPECT_EQ(settle(verdicts), GetParam().got);
}

constexpr auto none = Action::none;
constexpr auto tag = Action::tag;
constexpr auto greylist = Action::greylist;
constexpr auto quarantine = Action::quarantine;
constexpr auto reject = Action::reject;
constexpr auto disconnect = Action::disconnect;

INSTANTIATE_TEST_SUITE_P(Policy, Settling,
                         testing::Values(SettleCase{{}, {}}, SettleCase{{none}, {none}}, SettleCase{{reject}, {reject}},
                                         SettleCase{{reject, reject}, {reject, reject}},
                                         SettleCase{{reject, none}, {quarantine, none}},
                                         SettleCase{{tag, reject}, {tag, quarantine}},
                                         SettleCase{{reject, quarantine}, {quarantine, quarantine}},
                                         SettleCase{{disconnect, none}, {quarantine, none}},
                                         SettleCase{{disconnect, disconnect}, {disconnect, disconnect}},
                                         SettleCase{{greylist, greylist}, {greylist, greylist}},
                                         SettleCase{{greylist, none}, {tag, none}},
                                         SettleCase{{greylist, reject}, {greylist, greylist}},
                                         SettleCase{{greylist, reject, none}, {tag, quarantine, none}}));

}  // namespace
}  // namespace mailreeve::judge
