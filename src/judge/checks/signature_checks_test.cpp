// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/checks/all.h"
#include "judge/list_watch.h"
#include "support/dkim_keys.h"
#include "support/run.h"

namespace mailreeve::judge {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class StillClock final : public Clock {
 public:
  WallTime now() const override { return from_millis(1'780'000'000'000); }
  SteadyTime steady() const override { return {}; }
};

const std::string plain =
    "From: joe@football.example\r\n"
    "To: user@example.org\r\n"
    "Subject: dinner\r\n"
    "\r\n"
    "Are you hungry?\r\n";

/// The checks `dkim` and `arc`: what they find in a message, with a key for football.example and one that is weak.
class SignatureChecks : public testing::Test {
 protected:
  SignatureChecks() {
    zone_ = support::key_line("good", "football.example", support::rsa_key(2048).record) +
            support::key_line("weak", "football.example", support::rsa_key(1024).record) +
            support::key_line("tiny", "football.example", support::rsa_key(512).record) +
            support::key_line("test", "football.example", "v=DKIM1; t=y; p=" + support::rsa_key(2048).data) +
            support::key_line("revoked", "football.example", "v=DKIM1; p=") +
            "down._domainkey.football.example. SERVFAIL\n";
  }
  /// The codes, and in `last_` the findings, of one check.
  std::vector<std::string> find(MakeCheck make, const std::string& message) {
    auto digest = std::make_shared<auth::MessageDigest>();
    digest->feed(message);
    digest->finish();
    facts_.message = std::move(digest);
    const auto resolver = dns::zone_resolver_from(zone_);
    const auto log = make_silent_logger();
    ListWatch lists{*log, clock_};
    const auto marks = store::make_memory_marks();
    const OwnNames own;
    const auto check = make({}, lists);
    const CheckContext context{**resolver, *marks, nullptr, clock_, spawner_, *log, own};
    last_ = spawner_.run(check->run(facts_, context));
    std::vector<std::string> codes;
    for (const auto& finding : last_) {
      codes.push_back(finding.code);
      bool declared = false;
      for (const auto& kind : check->info().findings) {
        declared = declared || (kind.code == finding.code && kind.weight == finding.weight);
      }
      EXPECT_TRUE(declared) << finding.code;
    }
    return codes;
  }
  std::string evidence(std::string_view code) const {
    for (const auto& finding : last_) {
      if (finding.code == code) return finding.evidence;
    }
    return {};
  }
  static std::string sign(const std::string& message, const std::string& selector, auth::DkimSignOptions options = {}) {
    const unsigned bits = selector == "weak" ? 1024 : selector == "tiny" ? 512 : 2048;
    const auto key = auth::SigningKey::from_pem(support::rsa_key(bits).pem);
    options.domain = "football.example";
    options.selector = selector;
    return auth::sign_dkim(message, *key, options).value_or("") + message;
  }
  static std::string seal(const std::string& message, auth::ArcResult chain, const std::string& selector = "good") {
    const auto key = auth::SigningKey::from_pem(support::rsa_key(2048).pem);
    auth::ArcSealOptions options;
    options.domain = "football.example";
    options.selector = selector;
    options.authserv_id = "mx.football.example";
    options.results = "spf=pass smtp.mailfrom=joe@football.example";
    options.fields = {"From", "Subject"};
    return auth::seal_arc(message, chain, *key, options).value_or("") + message;
  }

  StillClock clock_;
  support::TestSpawner spawner_;
  std::string zone_;
  Facts facts_;
  Findings last_;
};

TEST_F(SignatureChecks, AnUnsignedMessageIsNotSigned) {
  EXPECT_THAT(find(make_dkim, plain), ElementsAre("dkim.none"));
  EXPECT_EQ(last_.front().weight, 0) << "most who do not sign mean no harm";
}

TEST_F(SignatureChecks, ASignatureThatHoldsCountsForTheMessage) {
  EXPECT_THAT(find(make_dkim, sign(plain, "good")), ElementsAre("dkim.pass"));
  EXPECT_LT(last_.front().weight, 0);
  EXPECT_THAT(evidence("dkim.pass"), AllOf(HasSubstr("football.example"), HasSubstr("good")));
  ASSERT_EQ(facts_.dkim.size(), 1U);
  EXPECT_EQ(facts_.dkim.front().result, auth::DkimResult::pass);
}

TEST_F(SignatureChecks, AChangedMessageFails) {
  EXPECT_THAT(find(make_dkim, sign(plain, "good") + "more\r\n"), ElementsAre("dkim.fail"));
  EXPECT_THAT(evidence("dkim.fail"), HasSubstr("the body was changed"));
  EXPECT_GT(last_.front().weight, 0);
}

TEST_F(SignatureChecks, BesideOneThatHoldsABrokenOneSaysNothing) {
  const auto broken = sign(plain, "good") + "a footer\r\n";
  EXPECT_THAT(find(make_dkim, sign(broken, "good")), ElementsAre("dkim.pass"));
  EXPECT_EQ(facts_.dkim.size(), 2U);
}

TEST_F(SignatureChecks, KeysAreTold) {
  EXPECT_THAT(find(make_dkim, sign(plain, "weak")), UnorderedElementsAre("dkim.pass", "dkim.weak-key"));
  EXPECT_THAT(evidence("dkim.weak-key"), HasSubstr("1024 bits"));
  EXPECT_THAT(find(make_dkim, sign(plain, "tiny")), ElementsAre("dkim.policy"));
  EXPECT_THAT(find(make_dkim, sign(plain, "test")), UnorderedElementsAre("dkim.pass", "dkim.testing"));
  EXPECT_THAT(find(make_dkim, sign(plain, "revoked")), ElementsAre("dkim.permerror"));
  EXPECT_THAT(evidence("dkim.permerror"), HasSubstr("revoked"));
}

TEST_F(SignatureChecks, WhatCannotBeLookedUpIsNotHeldAgainstAnyone) {
  EXPECT_THAT(find(make_dkim, sign(plain, "down")), ElementsAre("dkim.temperror"));
  EXPECT_EQ(last_.front().weight, 0);
}

TEST_F(SignatureChecks, ExpiredSignaturesAreTold) {
  auth::DkimSignOptions options;
  options.expires_at = clock_.now() - std::chrono::hours{1};
  EXPECT_THAT(find(make_dkim, sign(plain, "good", options)), UnorderedElementsAre("dkim.policy", "dkim.expired"));
}

TEST_F(SignatureChecks, ASecondFromThatCouldBeAddedIsTold) {
  auth::DkimSignOptions options;
  options.fields = {"From", "Subject"};
  EXPECT_THAT(find(make_dkim, sign(plain, "good", options)), UnorderedElementsAre("dkim.pass", "dkim.not-oversigned"));
}

TEST_F(SignatureChecks, ManySignersMakeOneFindingOfBoundedSize) {
  std::string message = plain;
  for (int i = 0; i < 10; ++i) {
    message = "DKIM-Signature: v=1; a=rsa-sha256; h=from; s=s; bh=; b=AAAA; d=" + std::string(60, 'a') + "." +
              std::string(60, 'b') + std::to_string(i) + ".example\r\n" + message;
  }
  EXPECT_THAT(find(make_dkim, message), ElementsAre("dkim.permerror"));
  EXPECT_LT(evidence("dkim.permerror").size(), 600U);
  EXPECT_EQ(facts_.dkim.size(), 10U);
}

TEST_F(SignatureChecks, UnreadableSignaturesShowNothingDangerous) {
  EXPECT_THAT(find(make_dkim, "DKIM-Signature: \x1b[2J\xff; v=1\r\n" + plain), ElementsAre("dkim.permerror"));
  EXPECT_THAT(evidence("dkim.permerror"), AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\xff"))));
}

TEST_F(SignatureChecks, NobodyForwardedThis) {
  find(make_arc, plain);
  EXPECT_TRUE(last_.empty());
  ASSERT_TRUE(facts_.arc);
  EXPECT_EQ(facts_.arc->result, auth::ArcResult::none);
}

TEST_F(SignatureChecks, AChainThatHoldsNamesItsNewestSealer) {
  const auto once = seal(plain, auth::ArcResult::none);
  const auto twice = seal("Received: from a by b\r\n" + once, auth::ArcResult::pass);
  EXPECT_THAT(find(make_arc, twice), ElementsAre("arc.pass"));
  EXPECT_THAT(evidence("arc.pass"), AllOf(HasSubstr("2 sets"), HasSubstr("football.example")));
  EXPECT_EQ(facts_.arc->sets.size(), 2U);
  EXPECT_THAT(facts_.arc->sets[0].results, HasSubstr("spf=pass"));
}

TEST_F(SignatureChecks, ABrokenChainSaysWhere) {
  EXPECT_THAT(find(make_arc, seal(plain, auth::ArcResult::none) + "a footer\r\n"), ElementsAre("arc.fail"));
  EXPECT_THAT(evidence("arc.fail"), HasSubstr("the body was changed"));
}

TEST_F(SignatureChecks, AChainThatCannotBeCheckedIsNoBrokenOne) {
  EXPECT_THAT(find(make_arc, seal(plain, auth::ArcResult::none, "down")), ElementsAre("arc.temperror"));
  EXPECT_EQ(last_.front().weight, 0);
}

TEST_F(SignatureChecks, BeforeTheMessageThereIsNothingToCheck) {
  facts_.message = nullptr;
  const auto resolver = dns::zone_resolver_from(zone_);
  const auto log = make_silent_logger();
  ListWatch lists{*log, clock_};
  const auto marks = store::make_memory_marks();
  const OwnNames own;
  const CheckContext context{**resolver, *marks, nullptr, clock_, spawner_, *log, own};
  for (const auto make : {make_dkim, make_arc})
    EXPECT_TRUE(spawner_.run(make({}, lists)->run(facts_, context)).empty());
}

}  // namespace
}  // namespace mailreeve::judge
