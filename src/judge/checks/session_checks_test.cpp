// SPDX-License-Identifier: Apache-2.0
// Checks that ask nobody outside but, for call-outs, a scripted prober: lists, pregreet, recipients, callout,
// connect-back.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/checks/all.h"
#include "judge/list_watch.h"
#include "support/run.h"

namespace mailreeve::judge {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return time; }
  SteadyTime steady() const override { return {}; }
  WallTime time = from_millis(1'700'000'000'000);
};

/// Answers what it is told, and remembers who was asked.
class ScriptedProber final : public Prober {
 public:
  Task<ProbeAnswer> recipient(IpAddress server, std::uint16_t, mail::ReversePath sender, mail::Mailbox address,
                              std::chrono::milliseconds) override {
    asked.push_back(server.text() + " " + (sender ? sender->text() : "<>") + " " + address.text());
    const auto found = by_server.find(server.text());
    co_return found == by_server.end() ? answer : found->second;
  }
  Task<ProbeAnswer> greeting(IpAddress server, std::uint16_t, std::chrono::milliseconds) override {
    asked.push_back(server.text());
    co_return answer;
  }
  ProbeAnswer answer{ProbeAnswer::Kind::accepted, "250 2.1.5 yes"};
  std::map<std::string, ProbeAnswer> by_server;
  std::vector<std::string> asked;
};

class SessionChecks : public testing::Test {
 protected:
  SessionChecks() {
    facts_.session->client = *IpAddress::parse("8.8.4.4");
    facts_.sender = *mail::Mailbox::parse("person@sender.example");
  }
  std::vector<std::string> find(MakeCheck make, bool offline = false) {
    const auto check = make(options_, lists_);
    const CheckContext context{*dns_, *marks_, offline ? nullptr : &prober_, clock_, spawner_, *log_, own_};
    std::vector<std::string> codes;
    last_ = spawner_.run(check->run(facts_, context));
    for (const auto& finding : last_) codes.push_back(finding.code);
    return codes;
  }

  static constexpr const char* zone =
      "sender.example. MX 10 mx1.sender.example.\n"
      "sender.example. MX 20 mx2.sender.example.\n"
      "sender.example. MX 30 mx3.sender.example.\n"
      "mx1.sender.example. A 9.9.9.1\n"
      "mx2.sender.example. A 9.9.9.2\n"
      "mx3.sender.example. A 9.9.9.3\n"
      "plain.example. A 9.9.9.4\n"
      "null.example. MX 0 .\n"
      "inside.example. MX 10 mx.inside.example.\n"
      "mx.inside.example. A 10.0.0.1\n"
      "mx.inside.example. A 127.0.0.1\n"
      "broken.example. SERVFAIL\n";
  MovedClock clock_;
  support::TestSpawner spawner_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  ListWatch lists_{*log_, clock_};
  std::unique_ptr<dns::Resolver> dns_ = std::move(*dns::zone_resolver_from(zone));
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  ScriptedProber prober_;
  OwnNames own_;
  CheckOptions options_;
  Facts facts_;
  Findings last_;
};

TEST_F(SessionChecks, PregreetIsWhoSpokeFirst) {
  EXPECT_THAT(find(make_pregreet), IsEmpty());
  facts_.session->early_talker = true;
  EXPECT_THAT(find(make_pregreet), ElementsAre("pregreet"));
}

TEST_F(SessionChecks, ListsAreMatched) {
  options_.lists.block = {*parse_list_entry("ip:8.8.4.0/24")};
  options_.lists.allow = {*parse_list_entry("from-envelope:sender.example")};
  EXPECT_THAT(find(make_lists), ElementsAre("lists.block", "lists.allow"));
}

TEST_F(SessionChecks, ManyRecipientsAreThoseAboveTheMaximum) {
  options_.recipients.maximum = 3;
  const auto someone = *mail::Mailbox::parse("user@example.org");
  facts_.recipients.assign(3, someone);
  EXPECT_THAT(find(make_recipients), IsEmpty());
  facts_.recipients.assign(4, someone);
  EXPECT_THAT(find(make_recipients), ElementsAre("recipients.many"));
  EXPECT_THAT(last_[0].evidence, HasSubstr("4"));
}

TEST_F(SessionChecks, ThreeUnknownRecipientsAreAFinding) {
  facts_.refused_recipients = 2;
  EXPECT_THAT(find(make_recipients), IsEmpty());
  facts_.refused_recipients = 3;
  EXPECT_THAT(find(make_recipients), ElementsAre("recipients.unknown"));
}

TEST_F(SessionChecks, ACalloutAsksTheBestExchangerWithTheNullSenderAndRemembers) {
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
  EXPECT_THAT(prober_.asked, ElementsAre("9.9.9.1 <> person@sender.example"));
  EXPECT_DOUBLE_EQ(last_[0].weight, 0.0);
  clock_.time += hours{23};
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
  EXPECT_EQ(prober_.asked.size(), 1U);
  clock_.time += hours{1};
  find(make_callout);
  EXPECT_EQ(prober_.asked.size(), 2U);
}

TEST_F(SessionChecks, ARefusalIsAskedAgainAfterTwoHours) {
  prober_.answer = {ProbeAnswer::Kind::refused, "550 5.1.1 nobody"};
  EXPECT_THAT(find(make_callout), ElementsAre("callout.refused"));
  EXPECT_THAT(last_[0].evidence, HasSubstr("550 5.1.1 nobody"));
  EXPECT_DOUBLE_EQ(last_[0].weight, 3.0);
  clock_.time += hours{2} - minutes{1};
  EXPECT_THAT(find(make_callout), ElementsAre("callout.refused"));
  EXPECT_EQ(prober_.asked.size(), 1U);
  clock_.time += minutes{1};
  find(make_callout);
  EXPECT_EQ(prober_.asked.size(), 2U);
}

TEST_F(SessionChecks, WhatIsAboutUsOrUnknownWeighsNothing) {
  using Kind = ProbeAnswer::Kind;
  const std::pair<Kind, const char*> cases[] = {{Kind::blocked, "callout.blocked"},
                                                {Kind::temporary, "callout.temperror"},
                                                {Kind::timeout, "callout.temperror"},
                                                {Kind::unreachable, "callout.temperror"}};
  for (const auto& [kind, code] : cases) {
    marks_ = store::make_memory_marks();
    prober_.answer = {kind, "x"};
    EXPECT_THAT(find(make_callout), ElementsAre(code));
    EXPECT_DOUBLE_EQ(last_[0].weight, 0.0) << code;
  }
}

TEST_F(SessionChecks, TheSecondExchangerIsAskedWhenTheFirstIsAwayAndNoThird) {
  prober_.by_server["9.9.9.1"] = {ProbeAnswer::Kind::unreachable, "no route"};
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
  EXPECT_EQ(prober_.asked.size(), 2U);
  marks_ = store::make_memory_marks();
  prober_.asked.clear();
  prober_.by_server["9.9.9.2"] = {ProbeAnswer::Kind::timeout, "silence"};
  EXPECT_THAT(find(make_callout), ElementsAre("callout.temperror"));
  EXPECT_EQ(prober_.asked.size(), 2U);
}

TEST_F(SessionChecks, NobodyIsAskedForTheNullSenderOffsiteOrOffline) {
  EXPECT_THAT(find(make_callout, true), IsEmpty());
  EXPECT_THAT(find(make_connect_back, true), IsEmpty());
  facts_.sender.reset();
  EXPECT_THAT(find(make_callout), IsEmpty());
  facts_.sender = *mail::Mailbox::parse("a@[192.0.2.1]");
  EXPECT_THAT(find(make_callout), IsEmpty());
  EXPECT_THAT(prober_.asked, IsEmpty());
}

TEST_F(SessionChecks, NobodyIsAskedForListsAndMachines) {
  for (const auto* address :
       {"owner-list@sender.example", "list-owner@sender.example", "list-request@sender.example",
        "list-bounces@sender.example", "bounce+abc@sender.example", "bounces-user=example.org@sender.example",
        "MAILER-DAEMON@sender.example", "prvs=1234=person@sender.example"}) {
    facts_.sender = *mail::Mailbox::parse(address);
    EXPECT_THAT(find(make_callout), IsEmpty()) << address;
  }
  EXPECT_THAT(prober_.asked, IsEmpty());
  facts_.sender = *mail::Mailbox::parse("no-reply@sender.example");
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
}

TEST_F(SessionChecks, ASignedSenderIsNotAskedFor) {
  auto& signature = facts_.dkim.emplace_back();
  signature.result = auth::DkimResult::pass;
  signature.domain = "sender.example";
  EXPECT_THAT(find(make_callout), IsEmpty());
  signature.result = auth::DkimResult::fail;
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
}

TEST_F(SessionChecks, ASenderWhomSpfProvesIsNotAskedFor) {
  facts_.spf = auth::SpfOutcome{};
  facts_.spf->result = auth::SpfResult::pass;
  EXPECT_THAT(find(make_callout), IsEmpty());
  EXPECT_THAT(prober_.asked, IsEmpty());
  facts_.spf->result = auth::SpfResult::softfail;
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
}

TEST_F(SessionChecks, ADomainIsAskedSoManyTimesOnly) {
  options_.callout.limit_count = 3;
  for (int i = 0; i < 10; ++i) {
    facts_.sender = *mail::Mailbox::parse(fmt::format("p{}@sender.example", i));
    find(make_callout);
  }
  EXPECT_EQ(prober_.asked.size(), 3U);
  clock_.time += options_.callout.limit_window;
  find(make_callout);
  EXPECT_EQ(prober_.asked.size(), 4U);
}

TEST_F(SessionChecks, ADomainWithoutExchangersIsAskedItself) {
  facts_.sender = *mail::Mailbox::parse("a@plain.example");
  EXPECT_THAT(find(make_callout), ElementsAre("callout.accepted"));
  EXPECT_THAT(prober_.asked, ElementsAre("9.9.9.4 <> a@plain.example"));
}

TEST_F(SessionChecks, StrangersCannotSendUsIntoOurOwnNetwork) {
  for (const auto* address : {"a@inside.example", "a@null.example", "a@broken.example"}) {
    facts_.sender = *mail::Mailbox::parse(address);
    EXPECT_THAT(find(make_callout), ElementsAre("callout.temperror")) << address;
  }
  facts_.session->client = *IpAddress::parse("10.0.0.1");
  EXPECT_THAT(find(make_connect_back), IsEmpty());
  EXPECT_THAT(prober_.asked, IsEmpty());
}

TEST_F(SessionChecks, ConnectBackAsksTheClientOnceInALongWhile) {
  EXPECT_THAT(find(make_connect_back), ElementsAre("connect-back.accepted"));
  prober_.answer = {ProbeAnswer::Kind::unreachable, "refused"};
  EXPECT_THAT(find(make_connect_back), ElementsAre("connect-back.accepted"));
  EXPECT_THAT(prober_.asked, ElementsAre("8.8.4.4"));
  clock_.time += hours{24};
  EXPECT_THAT(find(make_connect_back), ElementsAre("connect-back.none"));
}

TEST_F(SessionChecks, AConnectBackThatTellsNothingIsNoFinding) {
  for (const auto kind : {ProbeAnswer::Kind::timeout, ProbeAnswer::Kind::temporary, ProbeAnswer::Kind::blocked}) {
    marks_ = store::make_memory_marks();
    prober_.answer = {kind, "x"};
    EXPECT_THAT(find(make_connect_back), IsEmpty());
  }
}

}  // namespace
}  // namespace mailreeve::judge
