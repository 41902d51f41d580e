// SPDX-License-Identifier: Apache-2.0
#include "judge/sender_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::judge {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

ListEntry entry(std::string_view text) {
  auto parsed = parse_list_entry(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : ListEntry{};
}

Facts example() {
  Facts facts;
  facts.session->client = *IpAddress::parse("192.0.2.7");
  facts.session->helo = "Mail.Sender.Example";
  facts.sender = *mail::Mailbox::parse("Bounce@news.sender.example");
  facts.authors.addresses.push_back({"Boss", "Boss@Author.example", "Boss", "Author.example"});
  facts.spf = auth::SpfOutcome{};
  facts.spf->result = auth::SpfResult::pass;
  facts.spf->domain = "news.sender.example";
  return facts;
}

struct MatchCase {
  const char* text;
  bool matches;
};
class Entries : public testing::TestWithParam<MatchCase> {};

TEST_P(Entries, Match) {
  SenderLists lists;
  lists.block = {entry(GetParam().text)};
  EXPECT_EQ(lists.match(example()).size(), GetParam().matches ? 1U : 0U) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    SenderLists, Entries,
    testing::Values(
        MatchCase{"ip:192.0.2.7", true}, MatchCase{"ip:192.0.2.0/24", true}, MatchCase{"ip:192.0.2.8", false},
        MatchCase{"ip:2001:db8::/32", false}, MatchCase{"helo:mail.sender.example", true},
        MatchCase{"helo:*.sender.example", true}, MatchCase{"helo:sender.example", false},
        MatchCase{"helo:*.mail.sender.example", false}, MatchCase{"helo:*.ender.example", false},
        MatchCase{"from-envelope:bounce@news.sender.example", true},
        MatchCase{"from-envelope:*@news.sender.example", true}, MatchCase{"from-envelope:news.sender.example", true},
        MatchCase{"from-envelope:sender.example", false}, MatchCase{"from-envelope:other@news.sender.example", false},
        MatchCase{"from-envelope:boss@author.example", false}, MatchCase{"from-header:boss@author.example", true},
        MatchCase{"from-header:author.example", true}, MatchCase{"from-header:bounce@news.sender.example", false},
        MatchCase{"domain:news.sender.example", true}, MatchCase{"domain:sender.example", true},
        MatchCase{"domain:ender.example", false}, MatchCase{"domain:author.example", false}));

class BadEntries : public testing::TestWithParam<const char*> {};

TEST_P(BadEntries, SayWhatToWrite) {
  const auto parsed = parse_list_entry(GetParam());
  ASSERT_FALSE(parsed) << GetParam();
  EXPECT_THAT(parsed.error().text, testing::Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(SenderLists, BadEntries,
                         testing::Values("", "ip", "ip:", ":", "192.0.2.1", "from:a@b.example", "IP:192.0.2.1",
                                         "ip:192.0.2.1/24", "ip:192.0.2.256", "ip:host.example",
                                         "domain:", "domain:a..b", "domain:[192.0.2.1]", "helo:-"));

TEST(SenderLists, ForgedSendersProveNothing) {
  auto facts = example();
  facts.spf->result = auth::SpfResult::softfail;
  SenderLists lists;
  lists.allow = {entry("domain:sender.example")};
  EXPECT_THAT(lists.match(facts), IsEmpty());
}

TEST(SenderLists, ASignatureProvesItsDomainUnlessItLeavesBodyUncovered) {
  auto facts = example();
  facts.spf.reset();
  auto& signature = facts.dkim.emplace_back();
  signature.result = auth::DkimResult::pass;
  signature.domain = "partner.example";
  SenderLists lists;
  lists.allow = {entry("domain:partner.example")};
  ASSERT_EQ(lists.match(facts).size(), 1U);
  EXPECT_EQ(lists.match(facts)[0].code, "lists.allow");
  EXPECT_DOUBLE_EQ(lists.match(facts)[0].weight, -20.0);
  signature.partial_body = true;
  EXPECT_THAT(lists.match(facts), IsEmpty());
  signature.partial_body = false;
  signature.result = auth::DkimResult::fail;
  EXPECT_THAT(lists.match(facts), IsEmpty());
}

TEST(SenderLists, TheNullSenderMatchesNoAddressAndProvesNoDomain) {
  auto facts = example();
  facts.sender.reset();
  SenderLists lists;
  lists.block = {entry("from-envelope:*@news.sender.example"), entry("domain:news.sender.example")};
  EXPECT_THAT(lists.match(facts), IsEmpty());
}

TEST(SenderLists, EvidenceNamesTheEntryAndIsOneLine) {
  auto facts = example();
  facts.session->helo = "mail.sender.example";
  facts.authors.addresses[0].address = "a\r\n\x01@author.example";
  SenderLists lists;
  lists.block = {entry("ip:192.0.2.0/24"), entry("from-header:author.example")};
  const auto findings = lists.match(facts);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].evidence, "ip:192.0.2.0/24 (192.0.2.7)");
  EXPECT_EQ(findings[0].check, "lists");
  EXPECT_EQ(findings[1].evidence.find_first_of("\r\n\x01"), std::string::npos);
}

TEST(SenderLists, OnlyAddressesAreTurnedAwayBeforeTheGreeting) {
  SenderLists lists;
  lists.block = {entry("helo:mail.sender.example"), entry("ip:192.0.2.0/24"), entry("ip:2001:db8::/32")};
  ASSERT_NE(lists.blocked_address(*IpAddress::parse("192.0.2.7")), nullptr);
  EXPECT_EQ(lists.blocked_address(*IpAddress::parse("192.0.2.7"))->text, "ip:192.0.2.0/24");
  EXPECT_NE(lists.blocked_address(*IpAddress::parse("::ffff:192.0.2.7")), nullptr);
  EXPECT_NE(lists.blocked_address(*IpAddress::parse("2001:db8::1")), nullptr);
  EXPECT_EQ(lists.blocked_address(*IpAddress::parse("198.51.100.1")), nullptr);
  lists.allow = {entry("ip:192.0.2.7")};
  EXPECT_EQ(lists.blocked_address(*IpAddress::parse("192.0.2.7")), nullptr) << "an exception within a blocked network";
}

TEST(Facts, DomainsAreProvenOnce) {
  auto facts = example();
  for (const auto* domain : {"news.sender.example", "b.example", "b.example"}) {
    auto& signature = facts.dkim.emplace_back();
    signature.result = auth::DkimResult::pass;
    signature.domain = domain;
  }
  EXPECT_THAT(facts.proven_domains(), testing::ElementsAre("news.sender.example", "b.example"));
}

}  // namespace
}  // namespace mailreeve::judge
