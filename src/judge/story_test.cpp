// SPDX-License-Identifier: Apache-2.0
#include "judge/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace mailreeve::judge {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

Story whole() {
  Story story;
  story.id = "01J0000";
  story.time = from_millis(1'700'000'000'000);
  auto session = std::make_shared<SessionFacts>();
  session->client = *IpAddress::parse("192.0.2.7");
  session->port = 4711;
  session->helo = "mx.sender.example";
  session->tls = "TLSv1.3";
  session->name.asked = true;
  session->name.status = dns::Status::found;
  session->name.names = {"mx.sender.example"};
  session->name.confirmed = "mx.sender.example";
  story.session = session;
  story.sender = "anna@sender.example";
  story.size = 1234;
  story.from = {"sender.example"};
  story.authentication = {"spf=pass sender.example"};
  story.findings = {{"spf.pass", -0.5, "192.0.2.7 may send", "spf"},
                    {"url.mismatch", 3.0, "shown bank.example", "url"}};
  StoryRecipient recipient;
  recipient.address = "a@example.org";
  recipient.outcome = Action::tag;
  recipient.verdict.action = Action::reject;
  recipient.verdict.policy = "strict";
  recipient.verdict.score = 2.5;
  recipient.verdict.decided_by = "url.mismatch";
  recipient.verdict.why = "url.mismatch: policy strict rejects it";
  recipient.verdict.would_change = "without url.mismatch it would be accepted";
  recipient.verdict.findings = {{story.findings[1], 3.0, Action::reject}, {story.findings[0], -0.5, Action::none}};
  story.recipients = {recipient};
  story.refusals = {"b@example.org: 550 5.1.1 nobody"};
  story.handover = {"smtp://10.0.0.25: 250 ok"};
  story.reply = "250 2.0.0 taken";
  story.timings = {{"spf", std::chrono::microseconds{1500}}};
  story.look_ups = {{"sender.example", dns::Type::txt,
                     std::make_shared<const dns::RawAnswer>(
                         dns::RawAnswer{dns::Status::found, true, {"\x0bv=spf1 -all"}, std::chrono::seconds{60}})}};
  story.took = std::chrono::milliseconds{42};
  return story;
}

TEST(Story, IsToldAsAPersonWould) {
  const auto told = explain(story_json(whole()));
  ASSERT_TRUE(told) << told.error().text;
  for (const auto* part : {"01J0000",
                           "2023-11-14 22:13:20",
                           "192.0.2.7 (mx.sender.example)",
                           "HELO mx.sender.example",
                           "TLSv1.3",
                           "anna@sender.example",
                           "spf=pass sender.example",
                           "1234 octets",
                           "250 2.0.0 taken",
                           "b@example.org: 550 5.1.1 nobody",
                           "smtp://10.0.0.25: 250 ok",
                           "For a@example.org (policy strict): tag",
                           "decided by  url.mismatch: policy strict rejects it",
                           "alone       it would have been: reject",
                           "without url.mismatch",
                           "2.5",
                           "+3.0  url.mismatch",
                           "shown bank.example [reject]",
                           "-0.5  spf.pass",
                           "TXT   sender.example -> \"v=spf1 -all\"",
                           "Took 42 ms."}) {
    EXPECT_THAT(*told, HasSubstr(part));
  }
}

TEST(Story, WhatIsNotKnownIsSaidPlainly) {
  Story story;
  auto session = std::make_shared<SessionFacts>();
  session->client = *IpAddress::parse("192.0.2.7");
  session->name.asked = true;
  story.session = session;
  const auto told = explain(story_json(story));
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, AllOf(HasSubstr("(no name)"), HasSubstr("nothing (no HELO)"), HasSubstr("in clear"),
                           HasSubstr("<> (a notice")));
  session->name.names = {"dsl.isp.example"};
  EXPECT_THAT(*explain(story_json(story)), HasSubstr("calls itself dsl.isp.example, not confirmed"));
}

TEST(Story, AConnectionWithoutMailHasItsFindings) {
  Story story;
  story.kind = "connection";
  story.findings = {{"dnsbl.test", 6.0, "listed", "dnsbl"}};
  story.closed = "blocked";
  const auto told = explain(story_json(story));
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, AllOf(HasSubstr("Found:\n"), HasSubstr("dnsbl.test"), HasSubstr("ended       blocked"),
                           Not(HasSubstr("sender "))));
}

TEST(Story, FindingsComeBackWithTheirWeights) {
  const auto findings = findings_of(story_json(whole()));
  ASSERT_TRUE(findings);
  ASSERT_THAT(*findings, SizeIs(2));
  EXPECT_EQ((*findings)[1].code, "url.mismatch");
  EXPECT_EQ((*findings)[1].weight, 3.0);
  EXPECT_EQ((*findings)[1].evidence, "shown bank.example");
  EXPECT_EQ((*findings)[1].check, "url");
}

TEST(Story, IsReadableWhateverAStrangerSaid) {
  auto story = whole();
  const std::string odd{"\xff\xc3\x28\r\n\x00\x1b[31m\"\\", 13};
  auto session = std::make_shared<SessionFacts>(*story.session);
  session->helo = odd;
  session->name.names = {odd};
  session->name.confirmed.clear();
  story.session = session;
  story.sender = odd;
  story.findings[0].evidence = odd;
  story.refusals = {odd};
  const auto json = story_json(story);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const auto told = explain(json);
  ASSERT_TRUE(told) << told.error().text;
  EXPECT_TRUE(findings_of(json));
}

TEST(Story, OfManyLookUpsTheLastAreLeftOut) {
  auto story = whole();
  const auto answer = std::make_shared<const dns::RawAnswer>(
      dns::RawAnswer{dns::Status::found, false, std::vector<std::string>(50, std::string(200, 'x')), {}});
  story.look_ups.assign(500, {"name.example", dns::Type::ptr, answer});
  EXPECT_LE(story_json(story).size(), 64U << 10U);
}

TEST(Story, IsBoundedForVeryManyRecipientsAndFindings) {
  auto story = whole();
  const auto recipient = story.recipients[0];
  story.recipients.assign(1000, recipient);
  story.refusals.assign(1000, std::string(300, 'r'));
  for (int i = 0; i < 200; ++i)
    story.findings.push_back({"keyword.k" + std::to_string(i), 1.0, std::string(300, 'e'), "keyword"});
  for (auto& one : story.recipients) {
    for (const auto& finding : story.findings) one.verdict.findings.push_back({finding, 1.0, Action::none});
  }
  story.recipients[999].address = "last@example.org";
  const auto json = story_json(story);
  EXPECT_LE(json.size(), 64U << 10U);
  const auto findings = findings_of(json);
  ASSERT_TRUE(findings) << "it is whole all the same";
  EXPECT_EQ((*findings)[0].code, "spf.pass");
  const auto told = explain(json);
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, AllOf(HasSubstr("For a@example.org"), HasSubstr("Not kept, for there were too many: "),
                           HasSubstr("of the recipients.")));
}

TEST(Story, WhatIsNoStoryIsAnError) {
  for (const auto* text : {"", "x", "[]", "1", "{", "{\"a\":"}) {
    EXPECT_FALSE(explain(text)) << text;
    EXPECT_FALSE(findings_of(text)) << text;
  }
}

TEST(Story, AStoryOfTheWrongShapeIsToldAsFarAsItGoes) {
  for (const auto* text :
       {"{}", "{\"session\":1}", "{\"session\":{\"names\":[1]}}", "{\"recipients\":[1,{\"findings\":[1]}]}",
        "{\"findings\":[1]}", "{\"findings\":[1],\"recipients\":[{\"findings\":[{}]}]}",
        "{\"look_ups\":[1,{\"records\":[1]}]}",
        "{\"refusals\":[1],\"handover\":[{}],\"kind\":\"transaction\",\"authentication\":[null]}",
        "{\"time\":\"x\",\"ms\":[]}", "{\"time\":1e300}"}) {
    EXPECT_TRUE(explain(text)) << text;
    EXPECT_TRUE(findings_of(text)) << text;
  }
}

}  // namespace
}  // namespace mailreeve::judge
