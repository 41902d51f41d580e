// SPDX-License-Identifier: Apache-2.0
#include "judge/wishes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/policies.h"

namespace mailreeve::judge {
namespace {

using testing::HasSubstr;

/// From: anna@example.net, sent by bounce@mailer.example.
Facts message() {
  Facts facts;
  facts.session->client = *IpAddress::parse("192.0.2.7");
  facts.sender = *mail::Mailbox::parse("bounce@mailer.example");
  facts.authors.fields = 1;
  facts.authors.domains = {"example.net"};
  facts.authors.addresses = {{.display = "Anna", .address = "Anna@example.net", .local = {}, .domain = {}}};
  return facts;
}

Facts signed_by(const std::string& domain) {
  auto facts = message();
  auth::DkimSignature signature;
  signature.result = auth::DkimResult::pass;
  signature.domain = domain;
  facts.dkim.push_back(std::move(signature));
  return facts;
}

std::string code(const store::Wish& wish, const Facts& facts) {
  const auto found = match_wishes(wish, facts);
  return found.empty() ? "" : found.front().code;
}

store::Wish allows(std::vector<std::string> entries) {
  store::Wish wish;
  wish.allow = std::move(entries);
  return wish;
}
store::Wish blocks(std::vector<std::string> entries) {
  store::Wish wish;
  wish.block = std::move(entries);
  return wish;
}

TEST(Wishes, NobodyIsAllowedWhoIsNotProven) {
  const auto wish = allows({"anna@example.net", "example.net"});
  EXPECT_EQ(code(wish, message()), "");
  EXPECT_EQ(code(wish, signed_by("other.example")), "");
  EXPECT_EQ(code(wish, signed_by("example.net")), "wish.allow");
  EXPECT_EQ(code(wish, signed_by("mail.example.net")), "wish.allow") << "one owner";
  auto partial = signed_by("example.net");
  partial.dkim.front().partial_body = true;
  EXPECT_EQ(code(wish, partial), "");
  auto failed = signed_by("example.net");
  failed.dkim.front().result = auth::DkimResult::fail;
  EXPECT_EQ(code(wish, failed), "");
}

TEST(Wishes, SpfOfTheSameOwnerAndDmarcProveTheAuthor) {
  const auto wish = allows({"example.net"});
  auto by_spf = message();
  by_spf.sender = *mail::Mailbox::parse("bounce@lists.example.net");
  by_spf.spf = auth::SpfOutcome{};
  by_spf.spf->result = auth::SpfResult::pass;
  by_spf.spf->domain = "lists.example.net";
  EXPECT_EQ(code(wish, by_spf), "wish.allow");
  auto by_dmarc = message();
  by_dmarc.dmarc = auth::DmarcOutcome{};
  by_dmarc.dmarc->result = auth::DmarcResult::pass;
  by_dmarc.dmarc->from_domain = "example.net";
  EXPECT_EQ(code(wish, by_dmarc), "wish.allow");
}

TEST(Wishes, AMessageWithSeveralAuthorsIsAllowedForNone) {
  auto facts = signed_by("example.net");
  facts.authors.addresses.push_back({.display = {}, .address = "mallory@example.net", .local = {}, .domain = {}});
  EXPECT_EQ(code(allows({"anna@example.net"}), facts), "");
  EXPECT_EQ(code(blocks({"mallory@example.net"}), facts), "wish.block");
}

TEST(Wishes, AllowingAnEnvelopeSenderSaysNothing) {
  EXPECT_EQ(code(allows({"mailer.example"}), signed_by("mailer.example")), "");
}

TEST(Wishes, BlockingNeedsNoProof) {
  EXPECT_EQ(code(blocks({"anna@example.net"}), message()), "wish.block");
  EXPECT_EQ(code(blocks({"mailer.example"}), message()), "wish.block");
  EXPECT_EQ(code(blocks({"example"}), message()), "wish.block") << "an entry of the store is taken as it is";
  EXPECT_EQ(code(blocks({"bert@example.net"}), message()), "");
  EXPECT_EQ(match_wishes(blocks({"mailer.example"}), message()).front().evidence,
            "bounce@mailer.example is blocked by this recipient (mailer.example)");
  auto null_sender = message();
  null_sender.sender.reset();
  EXPECT_EQ(code(blocks({"mailer.example"}), null_sender), "");
}

TEST(Wishes, TheCloserEntryCounts) {
  auto wish = allows({"anna@example.net"});
  wish.block = {"example.net"};
  EXPECT_EQ(code(wish, signed_by("example.net")), "wish.allow") << "all of example.net but Anna";
  EXPECT_EQ(code(wish, message()), "wish.block") << "not proven to be hers";
  auto other = allows({"example.net"});
  other.block = {"anna@example.net"};
  EXPECT_EQ(code(other, signed_by("example.net")), "wish.block");
}

Findings with(std::vector<std::pair<std::string, double>> found) {
  Findings findings;
  for (auto& [name, weight] : found) findings.push_back({name, weight, "seen", "test"});
  return findings;
}
const Policy& balanced() { return built_in_policies().at("balanced"); }
Action action(std::vector<std::pair<std::string, double>> found) {
  return decide(balanced(), with(std::move(found))).action;
}

TEST(WishPolicy, ABlockedSenderIsQuarantinedAndRefusedWhereHeWouldHaveBeen) {
  EXPECT_EQ(action({{"wish.block", 0}}), Action::quarantine);
  EXPECT_EQ(action({{"wish.block", 0}, {"x", 4.0}}), Action::quarantine) << "not greylisted first";
  EXPECT_EQ(action({{"wish.block", 0}, {"x", 20.0}}), Action::reject);
  EXPECT_EQ(action({{"wish.block", 0}, {"virus.found", 0}}), Action::reject);
  EXPECT_EQ(action({{"wish.block", 0}, {"lists.allow", -20}}), Action::quarantine) << "his own mailbox, his own wish";
  const auto verdict = decide(balanced(), with({{"wish.block", 0}, {"x", 1.0}}));
  EXPECT_EQ(verdict.decided_by, "wish.block");
  EXPECT_THAT(verdict.would_change, HasSubstr("without wish.block it would be: accept"));
  RecipientContext role;
  role.is_role = true;
  EXPECT_EQ(decide(balanced(), with({{"wish.block", 0}}), role).action, Action::tag);
}

TEST(WishPolicy, AnAllowedSenderIsNotHeldUpByAScore) {
  EXPECT_EQ(action({{"x", 4.0}}), Action::greylist);
  EXPECT_EQ(action({{"wish.allow", 0}, {"x", 4.0}}), Action::none);
  EXPECT_EQ(action({{"wish.allow", 0}, {"x", 5.0}}), Action::none) << "not tagged";
  EXPECT_EQ(action({{"wish.allow", 0}, {"x", 9.0}}), Action::none) << "not quarantined";
  RecipientContext context;
  context.greylist_when = {"x"};
  EXPECT_EQ(decide(balanced(), with({{"wish.allow", 0}, {"x", 0}}), context).action, Action::none);
  EXPECT_THAT(decide(balanced(), with({{"wish.allow", 0}, {"x", 9.0}})).why, HasSubstr("wish.allow"));
}

TEST(WishPolicy, AnAllowedSenderIsRefusedAndHeldForWhatAPolicyNames) {
  EXPECT_EQ(action({{"wish.allow", 0}, {"virus.found", 20}}), Action::reject);
  EXPECT_EQ(action({{"wish.allow", 0}, {"attachment.dangerous", 8}}), Action::reject);
  EXPECT_EQ(action({{"wish.allow", 0}, {"lists.block", 20}}), Action::reject);
  EXPECT_EQ(action({{"wish.allow", 0}, {"scan.crashed", 8}}), Action::quarantine);
  EXPECT_EQ(action({{"wish.allow", 0}, {"x", 15.0}}), Action::reject) << "what is refused by its score";
}

TEST(WishPolicy, NoWishLetsInWhatIsDangerousThoughNoRuleNamesIt) {
  Policy bare;
  bare.quarantine = 5.0;
  for (const auto* code : {"virus.found", "attachment.dangerous", "scan.crashed"}) {
    EXPECT_EQ(decide(bare, with({{"wish.allow", 0}, {code, 8.0}})).action, Action::quarantine) << code;
  }
  EXPECT_EQ(decide(bare, with({{"wish.allow", 0}, {"x", 8.0}})).action, Action::none);
}

TEST(WishPolicy, WhereNothingFollowsNothingIsWished) {
  const PolicyBook book;
  const auto& observing = book.of(*mail::Mailbox::parse("anna@example.org"));
  EXPECT_EQ(decide(observing, with({{"wish.block", 0}})).action, Action::none);
}

}  // namespace
}  // namespace mailreeve::judge
