// SPDX-License-Identifier: Apache-2.0
#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Of = ListZone::Of;

class Rhsbl : public support::CheckFixture {
 protected:
  Rhsbl() {
    set_list({Of::mail_from, Of::header_from, Of::helo});
    set_sender("a@news.shop.example");
    facts_.session->helo = "mx.host.example";
    facts_.authors.domains = {"brand.example"};
  }
  void set_list(std::vector<Of> of) {
    ListZone zone;
    zone.zone = "dbl.example";
    zone.finding = "rhsbl.dbl";
    zone.weight = 4;
    zone.of = std::move(of);
    options_.rhsbl.lists = {zone};
  }
};

TEST_F(Rhsbl, EveryRoleIsAskedWholeAndAsRegistered) {
  EXPECT_THAT(codes(make_rhsbl), IsEmpty());
  EXPECT_THAT(asked_, UnorderedElementsAre("news.shop.example.dbl.example", "shop.example.dbl.example",
                                           "mx.host.example.dbl.example", "host.example.dbl.example",
                                           "brand.example.dbl.example"));
}

TEST_F(Rhsbl, OnlyTheRolesThatTheListIsFor) {
  set_list({Of::header_from});
  run(make_rhsbl);
  EXPECT_THAT(asked_, ElementsAre("brand.example.dbl.example"));
  set_list({Of::urls});
  run(make_rhsbl);
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Rhsbl, TheEvidenceSaysWhichNameInWhichRole) {
  struct {
    const char* name;
    const char* role;
  } const cases[] = {{"shop.example", "envelope sender"}, {"mx.host.example", "HELO"}, {"brand.example", "From"}};
  for (const auto& row : cases) {
    set_zone(std::string{row.name} + ".dbl.example. A 127.0.1.2\n");
    EXPECT_THAT(codes(make_rhsbl), ElementsAre("rhsbl.dbl")) << row.name;
    EXPECT_DOUBLE_EQ(findings_[0].weight, 4.0);
    EXPECT_THAT(findings_[0].evidence, testing::AllOf(HasSubstr(row.name), HasSubstr(row.role)));
  }
}

TEST_F(Rhsbl, OneNameInSeveralRolesIsAskedOnceAndOneListCountsOnce) {
  set_sender("a@brand.example");
  facts_.session->helo = "brand.example";
  run(make_rhsbl);
  EXPECT_THAT(asked_, ElementsAre("brand.example.dbl.example"));
  set_zone("*.dbl.example. A 127.0.1.2\n");
  facts_.session->helo = "other.example";
  EXPECT_THAT(codes(make_rhsbl), ElementsAre("rhsbl.dbl"));
}

TEST_F(Rhsbl, OfSeveralListingsTheHeaviestCounts) {
  options_.rhsbl.lists[0].codes = {{*IpNetwork::parse("127.0.1.102"), 0.5, {}},
                                   {*IpNetwork::parse("127.0.1.2"), 6.0, {}}};
  set_zone("news.shop.example.dbl.example. A 127.0.1.102\nbrand.example.dbl.example. A 127.0.1.2\n");
  EXPECT_THAT(codes(make_rhsbl), ElementsAre("rhsbl.dbl"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 6.0);
  set_zone("news.shop.example.dbl.example. A 127.0.1.2\nbrand.example.dbl.example. A 127.0.1.102\n");
  run(make_rhsbl);
  EXPECT_DOUBLE_EQ(findings_[0].weight, 6.0);
}

TEST_F(Rhsbl, AddressesAreNoDomains) {
  facts_.sender = *mail::Mailbox::parse("a@[192.0.2.7]");
  facts_.authors.domains = {"[192.0.2.7]"};
  for (const auto* helo : {"[192.0.2.7]", "192.0.2.7", "localhost", "[IPv6:2001:db8::1]"}) {
    facts_.session->helo = helo;
    run(make_rhsbl);
    EXPECT_THAT(asked_, IsEmpty()) << helo;
  }
}

TEST_F(Rhsbl, RefusalsAndFailuresSayNothingAboutTheDomain) {
  set_zone("*.dbl.example. A 127.255.255.254\n");
  EXPECT_THAT(codes(make_rhsbl), ElementsAre("rhsbl.refused"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 0.0);
  EXPECT_EQ(lists_.state("dbl.example"), ListState::refused);
  set_zone("*.dbl.example. SERVFAIL\n");
  EXPECT_THAT(codes(make_rhsbl), ElementsAre("rhsbl.temperror"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 0.0);
}

TEST_F(Rhsbl, TheNullSenderHasNoDomain) {
  facts_.sender.reset();
  set_list({Of::mail_from});
  EXPECT_THAT(codes(make_rhsbl), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Rhsbl, ManyAuthorsDoNotMakeManyQuestions) {
  facts_.authors.domains.clear();
  for (int i = 0; i < 500; ++i) facts_.authors.domains.push_back("d" + std::to_string(i) + ".example");
  run(make_rhsbl);
  EXPECT_LE(asked_.size(), 21U);
}

}  // namespace
}  // namespace mailreeve::judge
