// SPDX-License-Identifier: Apache-2.0
#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Helo : public support::CheckFixture {
 protected:
  Helo() {
    set_zone(
        "mx.sender.example. A 192.0.2.7\n"
        "mx.sender.example. AAAA 2001:db8::7\n"
        "farm.sender.example. A 192.0.2.100\n"
        "farm.sender.example. A 192.0.2.101\n"
        "text.sender.example. TXT \"no address\"\n"
        "broken.example. SERVFAIL\n"
        "slow.example. TIMEOUT\n"
        "lied.example. BOGUS\n");
  }
  std::string find(const std::string& helo) {
    facts_.session->helo = helo;
    const auto found = codes(make_helo);
    EXPECT_LE(found.size(), 1U) << helo;
    return found.empty() ? "" : found.front();
  }
  double weight() const { return findings_.empty() ? 0 : findings_.front().weight; }
};

TEST_F(Helo, AnOwnNameIsNoFinding) {
  EXPECT_EQ(find("mx.sender.example"), "");
  EXPECT_EQ(find("MX.Sender.EXAMPLE"), "");
  set_client("2001:db8::7");
  EXPECT_EQ(find("mx.sender.example"), "");
}

TEST_F(Helo, ANameWithoutADotIsNoNameInTheInternet) {
  for (const auto* helo : {"localhost", "friend", "WORKGROUP", "win-7abc123"}) {
    EXPECT_EQ(find(helo), "helo.not-fqdn") << helo;
    EXPECT_DOUBLE_EQ(weight(), 1.5);
  }
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Helo, AnAddressWithoutBracketsIsNeitherNameNorLiteral) {
  for (const auto* helo : {"192.0.2.7", "2001:db8::7", "[192.0.2]", "[192.0.2.7", "[]", "a..b.example", "-a.example",
                           "a b.example", "mx_1!.example", "", "host\r\nMAIL FROM:<a@b>"}) {
    EXPECT_EQ(find(helo), "helo.bad-syntax") << helo;
    EXPECT_DOUBLE_EQ(weight(), 2.0);
    EXPECT_EQ(findings_.front().evidence.find_first_of("\r\n"), std::string::npos);
  }
  EXPECT_EQ(find(std::string(5000, 'a')), "helo.bad-syntax");
  EXPECT_LT(findings_.front().evidence.size(), 200U);
}

TEST_F(Helo, LiteralsAreComparedWithTheClient) {
  EXPECT_EQ(find("[192.0.2.7]"), "helo.literal");
  EXPECT_DOUBLE_EQ(weight(), 0.5);
  EXPECT_EQ(find("[192.0.2.8]"), "helo.literal-mismatch");
  EXPECT_DOUBLE_EQ(weight(), 2.0);
  EXPECT_EQ(find("[127.0.0.1]"), "helo.literal-mismatch");
  EXPECT_EQ(find("[IPv6:2001:db8::7]"), "helo.literal-mismatch");
  set_client("2001:db8::7");
  EXPECT_EQ(find("[IPv6:2001:DB8:0::7]"), "helo.literal");
}

TEST_F(Helo, StrangersMayNotCallThemselvesLikeUs) {
  for (const auto* helo : {"mx.ours.example", "MX.ours.example", "ours.example", "[198.51.100.1]"}) {
    EXPECT_EQ(find(helo), "helo.pretends-to-be-us") << helo;
    EXPECT_DOUBLE_EQ(weight(), 5.0);
  }
  EXPECT_NE(find("mail.ours.example.net"), "helo.pretends-to-be-us");
  EXPECT_NE(find("notours.example"), "helo.pretends-to-be-us");
}

TEST_F(Helo, OurOwnMachinesMay) {
  set_client("198.51.100.1");
  EXPECT_NE(find("mx.ours.example"), "helo.pretends-to-be-us");
  EXPECT_EQ(find("[198.51.100.1]"), "helo.literal");
}

TEST_F(Helo, ANameThatDoesNotExistOrHasNoAddress) {
  EXPECT_EQ(find("gone.sender.example"), "helo.unresolvable");
  EXPECT_DOUBLE_EQ(weight(), 1.0);
  EXPECT_EQ(find("text.sender.example"), "helo.unresolvable");
}

TEST_F(Helo, AnotherAddressIsAWeakHint) {
  EXPECT_EQ(find("farm.sender.example"), "helo.mismatch");
  EXPECT_DOUBLE_EQ(weight(), 0.3);
}

TEST_F(Helo, WhatCannotBeKnownIsNotHeldAgainstAnybody) {
  for (const auto* helo : {"broken.example", "slow.example", "lied.example"}) {
    EXPECT_EQ(find(helo), "helo.temperror") << helo;
    EXPECT_DOUBLE_EQ(weight(), 0.0);
  }
}

}  // namespace
}  // namespace mailreeve::judge
