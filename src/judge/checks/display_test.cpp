// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DisplayCheck : public support::CheckFixture {
 protected:
  DisplayCheck() { own_.people.add({"Anna Muster", "anna.private@example.net"}); }

  std::vector<std::string> codes_of(std::string display, std::string address) {
    scan::ContentReport report;
    report.from.push_back({std::move(display), std::move(address)});
    facts_.content = std::make_shared<const scan::ContentReport>(std::move(report));
    return codes(make_display);
  }
  void prove(std::string domain) {
    auth::SpfOutcome outcome;
    outcome.result = auth::SpfResult::pass;
    outcome.domain = std::move(domain);
    facts_.spf = std::move(outcome);
  }
};

TEST_F(DisplayCheck, OwnPeoplesNamesWithAForeignAddressAreForged) {
  for (const auto* shown : {"Anna Muster", "MUSTER, ANNA", "Änna Müster", "\xd0\x90nna Muster", "Anna Muster (CEO)"}) {
    EXPECT_THAT(codes_of(shown, "thief@sender.example"), ElementsAre("from.display-forged")) << shown;
  }
  EXPECT_EQ(findings_[0].evidence, "\"Anna Muster (CEO)\" <thief@sender.example>");
}

TEST_F(DisplayCheck, AFirstNameAloneIsAnybodys) {
  for (const auto* shown : {"Anna", "Muster", "Anna Other", ""}) {
    EXPECT_THAT(codes_of(shown, "thief@sender.example"), IsEmpty()) << shown;
  }
}

TEST_F(DisplayCheck, OwnPeopleMayUseTheirNames) {
  prove("ours.example");
  EXPECT_THAT(codes_of("Anna Muster", "anna@ours.example"), IsEmpty());
  prove("news.ours.example");
  EXPECT_THAT(codes_of("Anna Muster", "anna@news.ours.example"), IsEmpty());
  facts_.spf.reset();
  EXPECT_THAT(codes_of("Anna Muster", "anna.private@example.net"), IsEmpty());
}

TEST_F(DisplayCheck, AnOwnAddressThatNothingProvesIsToldAsSuch) {
  EXPECT_THAT(codes_of("Anna Muster", "anna@ours.example"), ElementsAre("from.own-domain"));
  EXPECT_THAT(codes_of("Anna Muster", "anna@news.ours.example"), Contains("from.display-forged"));
}

TEST_F(DisplayCheck, NobodysNameIsBorrowedWhereNobodyIsNamed) {
  own_.people = {};
  EXPECT_THAT(codes_of("Anna Muster", "thief@sender.example"), IsEmpty());
}

TEST_F(DisplayCheck, ASecondAuthorIsLookedAtToo) {
  scan::ContentReport report;
  report.from = {{"Decoy", "decoy@sender.example"}, {"Anna Muster", "thief@sender.example"}};
  facts_.content = std::make_shared<const scan::ContentReport>(std::move(report));
  EXPECT_THAT(codes(make_display), ElementsAre("from.display-forged"));
  EXPECT_THAT(findings_[0].evidence, HasSubstr("thief@sender.example"));
}

TEST_F(DisplayCheck, AnOwnDomainInTheNameIsForged) {
  for (const auto* shown : {"boss@ours.example", "Boss (boss@OURS.example)", "ours.example support",
                            "mail.ours.example", "friend@other.example for ours.example"}) {
    EXPECT_THAT(codes_of(shown, "thief@sender.example"), ElementsAre("from.display-forged")) << shown;
  }
  for (const auto* shown : {"yours.example", "x-ours.example", "ours.examples"}) {
    EXPECT_THAT(codes_of(shown, "thief@sender.example"), IsEmpty()) << shown;
  }
}

TEST_F(DisplayCheck, AnotherAddressInTheNameIsLess) {
  EXPECT_THAT(codes_of("friend@other.example", "thief@sender.example"), ElementsAre("from.display-address"));
  EXPECT_THAT(codes_of("Thief@Sender.example", "thief@sender.example"), IsEmpty());
}

TEST_F(DisplayCheck, ADomainThatLooksLikeOursIsTold) {
  own_.domains = {"example-bank.example"};
  EXPECT_THAT(codes_of("", "x@exarnple-bank.example"), ElementsAre("from.lookalike"));
}

TEST_F(DisplayCheck, AnswersThatGoElsewhereAreTold) {
  scan::ContentReport report;
  report.from = {{"", "a@sender.example"}};
  report.reply_to = {{"", "b@mail.sender.example"}};
  facts_.content = std::make_shared<const scan::ContentReport>(report);
  EXPECT_THAT(codes(make_display), Not(Contains("from.reply-elsewhere")));
  report.reply_to = {{"", "b@elsewhere.test"}};
  facts_.content = std::make_shared<const scan::ContentReport>(report);
  EXPECT_THAT(codes(make_display), ElementsAre("from.reply-elsewhere"));
}

TEST_F(DisplayCheck, WithoutContentOrAuthorNothingIsSaid) {
  EXPECT_THAT(codes(make_display), IsEmpty());
  facts_.content = std::make_shared<const scan::ContentReport>();
  EXPECT_THAT(codes(make_display), IsEmpty());
}

}  // namespace
}  // namespace mailreeve::judge
