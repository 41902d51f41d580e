// SPDX-License-Identifier: Apache-2.0
#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

ListZone list(const char* zone, const char* finding, double weight) {
  ListZone made;
  made.zone = zone;
  made.finding = finding;
  made.weight = weight;
  return made;
}

/// Never answers about names that end in `silent`.
class PartlySilent final : public dns::Resolver {
 public:
  PartlySilent(dns::Resolver& inner, Spawner& spawner, std::string silent)
      : inner_{inner}, spawner_{spawner}, silent_{std::move(silent)} {}
  Task<dns::Shared> ask(std::string name, dns::Type type) override {
    if (name.ends_with(silent_)) co_await spawner_.sleep(std::chrono::hours{1});
    co_return co_await inner_.ask(std::move(name), type);
  }

 private:
  dns::Resolver& inner_;
  Spawner& spawner_;
  std::string silent_;
};

class Dnsbl : public support::CheckFixture {
 protected:
  Dnsbl() { options_.dnsbl.lists = {list("bl.example", "dnsbl.bl", 3.5)}; }
};

TEST_F(Dnsbl, WithoutListsNobodyIsAsked) {
  options_.dnsbl.lists.clear();
  EXPECT_THAT(codes(make_dnsbl), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Dnsbl, WhoIsNotListedIsNoFinding) {
  set_zone("2.0.0.127.bl.example. A 127.0.0.2\n");
  EXPECT_THAT(codes(make_dnsbl), IsEmpty());
  EXPECT_THAT(asked_, ElementsAre("7.2.0.192.bl.example"));
}

TEST_F(Dnsbl, AListingWeighsAsTheListAndGivesItsReason) {
  set_zone("7.2.0.192.bl.example. A 127.0.0.2\n7.2.0.192.bl.example. TXT \"see https://bl.example/192.0.2.7\"\n");
  EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.bl"));
  EXPECT_DOUBLE_EQ(findings_[0].weight, 3.5);
  EXPECT_EQ(findings_[0].evidence, "192.0.2.7 is on bl.example (127.0.0.2): see https://bl.example/192.0.2.7");
}

TEST_F(Dnsbl, AReasonIsCutAndMadeSafe) {
  set_zone("7.2.0.192.bl.example. A 127.0.0.2\n7.2.0.192.bl.example. TXT \"a\\013\\010b\\000\\255" +
           std::string(200, 'x') + "\" \"" + std::string(200, 'y') + "\"\n");
  run(make_dnsbl);
  ASSERT_EQ(findings_.size(), 1U);
  EXPECT_LT(findings_[0].evidence.size(), 250U);
  EXPECT_TRUE(std::ranges::all_of(findings_[0].evidence, [](char c) { return c >= ' ' && c <= '~'; }));
}

TEST_F(Dnsbl, Ipv6IsAskedByNibbles) {
  set_client("2001:db8::7");
  set_zone("7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example. A 127.0.0.3\n");
  EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.bl"));
}

TEST_F(Dnsbl, CodesHaveWeightsAndFindingsOfTheirOwn) {
  auto& codes_of = options_.dnsbl.lists[0].codes;
  codes_of.push_back({*IpNetwork::parse("127.0.0.2"), 6.0, "dnsbl.bl.sbl"});
  codes_of.push_back({*IpNetwork::parse("127.0.0.4/30"), 4.0, {}});
  codes_of.push_back({*IpNetwork::parse("127.0.0.10"), 2.0, "dnsbl.bl.pbl"});
  set_zone(
      "7.2.0.192.bl.example. A 127.0.0.2\n7.2.0.192.bl.example. A 127.0.0.4\n7.2.0.192.bl.example. A 127.0.0.5\n"
      "7.2.0.192.bl.example. A 127.0.0.77\n");
  EXPECT_THAT(codes(make_dnsbl), UnorderedElementsAre("dnsbl.bl.sbl", "dnsbl.bl"));
  for (const auto& finding : findings_) EXPECT_DOUBLE_EQ(finding.weight, finding.code == "dnsbl.bl" ? 4.0 : 6.0);
}

TEST_F(Dnsbl, ACodeThatIsNotNamedIsNoListing) {
  options_.dnsbl.lists[0].codes.push_back({*IpNetwork::parse("127.0.0.2"), 6.0, {}});
  set_zone("7.2.0.192.bl.example. A 127.0.0.9\n");
  EXPECT_THAT(codes(make_dnsbl), IsEmpty());
}

TEST_F(Dnsbl, ARefusalIsNeverAListing) {
  for (const auto* answer : {"127.255.255.252", "127.255.255.254", "127.255.255.255", "192.0.2.200", "10.0.0.1"}) {
    set_zone(std::string{"7.2.0.192.bl.example. A "} + answer +
             "\n7.2.0.192.bl.example. TXT \"Error: open resolver\"\n");
    EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.refused")) << answer;
    EXPECT_DOUBLE_EQ(findings_[0].weight, 0.0);
    EXPECT_THAT(findings_[0].evidence, HasSubstr(answer));
    EXPECT_EQ(lists_.state("bl.example"), ListState::refused);
  }
  EXPECT_EQ(log_.lines.size(), 1U) << "told once";
}

TEST_F(Dnsbl, ARefusalBesideAListingMakesBothWorthless) {
  for (const auto* records : {"127.0.0.2 127.255.255.254", "127.255.255.254 127.0.0.2"}) {
    const std::string text{records};
    const auto blank = text.find(' ');
    set_zone("7.2.0.192.bl.example. A " + text.substr(0, blank) + "\n7.2.0.192.bl.example. A " +
             text.substr(blank + 1) + "\n");
    EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.refused")) << records;
  }
}

TEST_F(Dnsbl, ARefusalDoesNotCountAgainstCodesThatWouldMatchIt) {
  options_.dnsbl.lists[0].codes.push_back({*IpNetwork::parse("127.0.0.0/8"), 6.0, {}});
  set_zone("7.2.0.192.bl.example. A 127.255.255.254\n");
  EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.refused"));
}

TEST_F(Dnsbl, AListThatDoesNotAnswerSaysNothing) {
  for (const auto* how : {"SERVFAIL", "TIMEOUT", "BOGUS"}) {
    set_zone(std::string{"7.2.0.192.bl.example. "} + how + "\n");
    EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.temperror")) << how;
    EXPECT_DOUBLE_EQ(findings_[0].weight, 0.0);
  }
}

TEST_F(Dnsbl, OneListsTroubleDoesNotSpoilTheOthers) {
  options_.dnsbl.lists = {list("dead.example", "dnsbl.dead", 1), list("refuses.example", "dnsbl.refuses", 1),
                          list("bl.example", "dnsbl.bl", 2), list("good.example", "dnswl", -3)};
  set_zone(
      "7.2.0.192.dead.example. SERVFAIL\n7.2.0.192.refuses.example. A 127.255.255.255\n"
      "7.2.0.192.bl.example. A 127.0.0.2\n7.2.0.192.good.example. A 127.0.10.3\n");
  EXPECT_THAT(codes(make_dnsbl), UnorderedElementsAre("dnsbl.temperror", "dnsbl.refused", "dnsbl.bl", "dnswl"));
  for (const auto& finding : findings_) {
    if (finding.code == "dnswl") EXPECT_DOUBLE_EQ(finding.weight, -3.0);
  }
}

TEST_F(Dnsbl, ASlowListIsNotWaitedFor) {
  options_.dnsbl.lists = {list("slow.example", "dnsbl.slow", 1), list("bl.example", "dnsbl.bl", 2)};
  options_.dnsbl.time_limit = std::chrono::milliseconds{50};
  set_zone("7.2.0.192.slow.example. A 127.0.0.2\n7.2.0.192.bl.example. A 127.0.0.2\n");
  PartlySilent resolver{*dns_, spawner_, "slow.example"};
  const CheckContext context{resolver, *marks_, nullptr, clock_, spawner_, log_, own_};
  const auto check = make_dnsbl(options_, lists_);
  std::vector<std::string> found;
  const auto findings = spawner_.run(check->run(facts_, context));
  for (const auto& finding : findings) found.push_back(finding.code);
  EXPECT_THAT(found, UnorderedElementsAre("dnsbl.bl", "dnsbl.temperror"));
}

TEST_F(Dnsbl, AListThatIsTurnedOffIsNotAsked) {
  set_zone("*.bl.example. A 127.0.0.2\n");
  support::run(support::examine(lists_, *dns_, "bl.example"));
  ASSERT_EQ(lists_.state("bl.example"), ListState::lists_everything);
  EXPECT_THAT(codes(make_dnsbl), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(Dnsbl, PrivateClientsAreAskedTooAndAliasesFollowed) {
  set_client("127.0.0.1");
  set_zone("1.0.0.127.bl.example. CNAME answer.bl.example.\nanswer.bl.example. A 127.0.0.2\n");
  EXPECT_THAT(codes(make_dnsbl), ElementsAre("dnsbl.bl"));
}

}  // namespace
}  // namespace mailreeve::judge
