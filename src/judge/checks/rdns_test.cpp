// SPDX-License-Identifier: Apache-2.0
#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReverseDns : public support::CheckFixture {};

TEST_F(ReverseDns, ANameThatLeadsBackIsKept) {
  set_zone("7.2.0.192.in-addr.arpa. PTR MX.Sender.example.\nmx.sender.example. A 192.0.2.7\n");
  EXPECT_THAT(run(make_rdns), IsEmpty());
  EXPECT_TRUE(facts_.session->name.asked);
  EXPECT_EQ(facts_.session->name.confirmed, "mx.sender.example");
  EXPECT_THAT(facts_.session->name.names, ElementsAre("mx.sender.example"));
}

TEST_F(ReverseDns, OfSeveralNamesOneIsEnough) {
  set_zone(
      "7.2.0.192.in-addr.arpa. PTR a.sender.example.\n"
      "7.2.0.192.in-addr.arpa. PTR b.sender.example.\n"
      "7.2.0.192.in-addr.arpa. PTR c.sender.example.\n"
      "a.sender.example. SERVFAIL\n"
      "b.sender.example. A 192.0.2.8\n"
      "c.sender.example. A 192.0.2.9\n"
      "c.sender.example. A 192.0.2.7\n");
  EXPECT_THAT(run(make_rdns), IsEmpty());
  EXPECT_EQ(facts_.session->name.confirmed, "c.sender.example");
}

TEST_F(ReverseDns, NoName) {
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.none"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 1.5);
  EXPECT_THAT(findings_[0].evidence, HasSubstr("192.0.2.7"));
  EXPECT_EQ(facts_.session->name.status, dns::Status::no_name);
  set_zone("7.2.0.192.in-addr.arpa. TXT \"a record of another type\"\n");
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.none"));
}

TEST_F(ReverseDns, ANameThatLeadsElsewhereOrNowhere) {
  set_zone("7.2.0.192.in-addr.arpa. PTR mx.bank.example.\nmx.bank.example. A 192.0.2.99\n");
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.mismatch"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 1.0);
  EXPECT_THAT(findings_[0].evidence, HasSubstr("mx.bank.example"));
  EXPECT_EQ(facts_.session->name.confirmed, "");
  set_zone("7.2.0.192.in-addr.arpa. PTR mx.bank.example.\n");
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.mismatch"));
}

TEST_F(ReverseDns, AnAddressOfTheOtherFamilyConfirmsNothing) {
  set_client("2001:db8::7");
  set_zone(
      "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mx.sender.example.\n"
      "mx.sender.example. A 192.0.2.7\n");
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.mismatch"));
  set_zone(
      "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mx.sender.example.\n"
      "mx.sender.example. AAAA 2001:db8::7\n");
  EXPECT_THAT(codes(make_rdns), IsEmpty());
}

TEST_F(ReverseDns, AGenericNameIsOneWhetherItLeadsBackOrNot) {
  set_zone("7.2.0.192.in-addr.arpa. PTR 192-0-2-7.dyn.isp.example.\n192-0-2-7.dyn.isp.example. A 192.0.2.7\n");
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.generic"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 2.0);
  EXPECT_THAT(findings_[0].evidence, HasSubstr("192-0-2-7.dyn.isp.example"));
  facts_.session->name = {};
  set_zone("7.2.0.192.in-addr.arpa. PTR 192-0-2-7.dyn.isp.example.\n");
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.mismatch", "rdns.generic"));
}

TEST_F(ReverseDns, WhatCannotBeKnownIsNotHeldAgainstAnybody) {
  for (const auto* how : {"SERVFAIL", "TIMEOUT", "BOGUS"}) {
    set_zone(std::string{"7.2.0.192.in-addr.arpa. "} + how + "\n");
    EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.temperror"));
    EXPECT_DOUBLE_EQ(findings_[0].weight, 0.0);
    EXPECT_TRUE(dns::is_failure(facts_.session->name.status));
    set_zone(std::string{"7.2.0.192.in-addr.arpa. PTR mx.sender.example.\nmx.sender.example. "} + how + "\n");
    EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.temperror"));
  }
}

TEST_F(ReverseDns, TheClientsNetworkDoesNotChooseOurWork) {
  std::string zone;
  for (int i = 0; i < 200; ++i) zone += "7.2.0.192.in-addr.arpa. PTR n" + std::to_string(i) + ".sender.example.\n";
  set_zone(zone);
  EXPECT_THAT(codes(make_rdns), ElementsAre("rdns.mismatch"));
  EXPECT_EQ(asked_.size(), 11U);
  EXPECT_EQ(facts_.session->name.names.size(), 10U);
}

}  // namespace
}  // namespace mailreeve::judge
