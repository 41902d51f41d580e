// SPDX-License-Identifier: Apache-2.0
// The envelope's and the header's sender: both ask the same, and weigh it differently.
#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* zone =
    "fine.example. MX 10 mx.fine.example.\n"
    "mx.fine.example. A 192.0.2.1\n"
    "plain.example. A 192.0.2.2\n"
    "six.example. AAAA 2001:db8::2\n"
    "text.example. TXT \"v=spf1 -all\"\n"
    "below.parent.example. A 192.0.2.3\n"
    "null.example. MX 0 .\n"
    "null.example. A 192.0.2.4\n"
    "inside.example. MX 10 mx.inside.example.\n"
    "inside.example. MX 20 mx2.inside.example.\n"
    "mx.inside.example. A 10.0.0.1\n"
    "mx.inside.example. A 127.0.0.1\n"
    "mx2.inside.example. AAAA ::1\n"
    "zero.example. MX 10 mx.zero.example.\n"
    "mx.zero.example. A 0.0.0.0\n"
    "home.example. A 192.168.1.1\n"
    "half.example. MX 10 mx.inside.example.\n"
    "half.example. MX 20 mx.fine.example.\n"
    "bad.example. MX 10 192.0.2.5.\n"
    "bad.example. MX 20 gone.bad.example.\n"
    "broken.example. SERVFAIL\n"
    "slow.example. TIMEOUT\n"
    "lied.example. BOGUS MX\n"
    "unsure.example. MX 10 mx.broken.example.\n"
    "mx.broken.example. SERVFAIL\n"
    "alias.example. CNAME fine.example.\n";

class SenderDomain : public support::CheckFixture {
 protected:
  SenderDomain() { set_zone(zone); }
  std::vector<std::string> of_envelope(const char* address) {
    set_sender(address);
    return codes(make_sender_domain);
  }
  std::vector<std::string> of_header(std::vector<std::string> domains) {
    facts_.authors.domains = std::move(domains);
    return codes(make_from_domain);
  }
  double weight() const { return findings_.empty() ? 0 : findings_.front().weight; }
};

TEST_F(SenderDomain, WhoCanBeAnsweredIsNoFinding) {
  for (const auto* address :
       {"a@fine.example", "a@plain.example", "a@six.example", "a@half.example", "a@alias.example", "a@[192.0.2.1]"}) {
    EXPECT_THAT(of_envelope(address), IsEmpty()) << address;
  }
  EXPECT_THAT(of_header({"fine.example", "plain.example"}), IsEmpty());
}

TEST_F(SenderDomain, TheNullSenderIsNotAsked) {
  facts_.sender.reset();
  EXPECT_THAT(codes(make_sender_domain), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(SenderDomain, EachFaultOfTheEnvelopesHasItsCode) {
  struct {
    const char* address;
    const char* code;
    double weight;
  } const cases[] = {
      {"a@gone.example", "sender.no-domain", 4.0},    {"a@text.example", "sender.no-mail", 3.0},
      {"a@parent.example", "sender.no-mail", 3.0},    {"a@null.example", "sender.null-mx", 5.0},
      {"a@inside.example", "sender.private-mx", 3.0}, {"a@zero.example", "sender.private-mx", 3.0},
      {"a@home.example", "sender.private-mx", 3.0},   {"a@[10.1.2.3]", "sender.private-mx", 3.0},
      {"a@[IPv6:fe80::1]", "sender.private-mx", 3.0}, {"a@bad.example", "sender.bad-mx", 2.0},
      {"a@localhost", "sender.not-fqdn", 2.0},        {"a@broken.example", "sender.temperror", 0},
      {"a@slow.example", "sender.temperror", 0},      {"a@lied.example", "sender.temperror", 0},
      {"a@unsure.example", "sender.temperror", 0},
  };
  for (const auto& row : cases) {
    EXPECT_THAT(of_envelope(row.address), ElementsAre(row.code)) << row.address;
    EXPECT_DOUBLE_EQ(weight(), row.weight) << row.address;
    EXPECT_FALSE(findings_.empty() || findings_.front().evidence.empty()) << row.address;
  }
}

TEST_F(SenderDomain, EachFaultOfTheHeadersHasItsCode) {
  struct {
    const char* domain;
    const char* code;
    double weight;
  } const cases[] = {
      {"gone.example", "from-domain.no-domain", 3.0}, {"text.example", "from-domain.no-mail", 1.5},
      {"null.example", "from-domain.null-mx", 1.0},   {"inside.example", "from-domain.private-mx", 2.0},
      {"bad.example", "from-domain.bad-mx", 1.0},     {"broken.example", "from-domain.temperror", 0},
      {"lied.example", "from-domain.temperror", 0},
  };
  for (const auto& row : cases) {
    EXPECT_THAT(of_header({row.domain}), ElementsAre(row.code)) << row.domain;
    EXPECT_DOUBLE_EQ(weight(), row.weight) << row.domain;
    EXPECT_THAT(findings_.front().evidence, HasSubstr(row.domain));
  }
}

TEST_F(SenderDomain, WhatTheEnvelopeWasAskedIsNotCountedTwice) {
  set_sender("a@Gone.Example");
  EXPECT_THAT(of_header({"gone.example"}), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(of_header({"gone.example", "text.example"}), ElementsAre("from-domain.no-mail"));
  facts_.sender.reset();
  EXPECT_THAT(of_header({"gone.example"}), ElementsAre("from-domain.no-domain"));
}

TEST_F(SenderDomain, TenExchangersAreLookedAtAndNoMore) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "many.example. MX 10 mx" + std::to_string(i) + ".many.example.\n";
  set_zone(many);
  EXPECT_THAT(of_envelope("a@many.example"), ElementsAre("sender.bad-mx"));
  EXPECT_LE(asked_.size(), 21U);
}

TEST_F(SenderDomain, ManyAuthorsDoNotMakeManyQuestions) {
  std::vector<std::string> domains;
  for (int i = 0; i < 100; ++i) domains.push_back("d" + std::to_string(i) + ".example");
  of_header(domains);
  EXPECT_LE(asked_.size(), 20U);
}

}  // namespace
}  // namespace mailreeve::judge
