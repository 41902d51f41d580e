// SPDX-License-Identifier: Apache-2.0
#include "auth/arc.h"

#include <regex>

#include "auth/arc_chain.h"
#include "support/dkim_fixture.h"

namespace mailreeve::auth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Arc : public testing::Test {
 protected:
  Arc() {
    zone_ = support::key_line("s", "one.example", support::rsa_key(2048).record) +
            support::key_line("s", "two.example", support::ed25519_key().record) +
            support::key_line("s", "weak.example", support::rsa_key(512).record);
  }
  static const support::DkimKey& key_of(const std::string& sealer) {
    if (sealer == "two.example") return support::ed25519_key();
    return support::rsa_key(sealer == "weak.example" ? 512 : 2048);
  }
  ArcOutcome verify(const std::string& message) {
    const auto resolver = dns::zone_resolver_from(zone_);
    dns::Recorder recorder{**resolver};
    MessageDigest digest;
    digest.feed(message);
    digest.finish();
    auto outcome = support::run(verify_arc(digest, recorder, now));
    asked_ = recorder.asked();
    return outcome;
  }
  static Result<std::string> try_seal(const std::string& message, const std::string& sealer, ArcResult chain) {
    const auto key = SigningKey::from_pem(key_of(sealer).pem);
    ArcSealOptions options;
    options.domain = sealer;
    options.selector = "s";
    options.authserv_id = "mx." + sealer;
    options.results = "spf=pass smtp.mailfrom=joe@football.example";
    options.fields = {"From", "To", "Subject", "Date"};
    options.signed_at = now;
    return seal_arc(message, chain, *key, options);
  }
  /// Verifies and seals, as one that forwards does.
  std::string forward(const std::string& message, const std::string& sealer) {
    const auto sealed = try_seal(message, sealer, verify(message).result);
    EXPECT_TRUE(sealed) << sealed.error().text;
    return sealed.value_or("") + message;
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  std::string zone_;
  std::size_t asked_ = 0;
};

TEST_F(Arc, WithoutSetsThereIsNoChain) {
  EXPECT_EQ(verify(plain).result, ArcResult::none);
  EXPECT_EQ(asked_, 0U);
}

TEST_F(Arc, AChainOfSeveralHandsHolds) {
  const auto message = forward(forward(forward(plain, "one.example"), "two.example"), "one.example");
  const auto outcome = verify(message);
  EXPECT_EQ(outcome.result, ArcResult::pass) << outcome.reason;
  EXPECT_THAT(outcome.reason, IsEmpty());
  ASSERT_THAT(outcome.sets, SizeIs(3));
  EXPECT_EQ(outcome.sets[0].cv, "none");
  EXPECT_EQ(outcome.sets[1].cv, "pass");
  EXPECT_EQ(outcome.sets[1].sealer, "two.example");
  EXPECT_EQ(outcome.sets[1].algorithm, "ed25519-sha256");
  EXPECT_THAT(outcome.sets[2].results, HasSubstr("spf=pass smtp.mailfrom=joe@football.example"));
  EXPECT_EQ(outcome.oldest_pass, 0U) << "nobody changed the message since the first";
  EXPECT_EQ(asked_, 2U) << "each key once";
}

TEST_F(Arc, AMessageChangedBetweenTwoHandsTellsSinceWhen) {
  const auto message = forward(forward(plain, "one.example") + "a list's footer\r\n", "two.example");
  EXPECT_EQ(verify(message).result, ArcResult::fail) << "the second hand found the chain broken, and said so";
  // A list that verifies first and changes then.
  auto list = forward(plain, "one.example");
  const auto sealed = try_seal(list + "a list's footer\r\n", "two.example", ArcResult::pass);
  const auto outcome = verify(*sealed + list + "a list's footer\r\n");
  EXPECT_EQ(outcome.result, ArcResult::pass) << outcome.reason;
  EXPECT_EQ(outcome.oldest_pass, 2U);
}

TEST_F(Arc, WhatWasChangedAfterTheLastSealFails) {
  const auto message = forward(forward(plain, "one.example"), "two.example");
  const auto fails = [&](const std::string& changed, const char* reason) {
    const auto outcome = verify(changed);
    EXPECT_EQ(outcome.result, ArcResult::fail);
    EXPECT_THAT(outcome.reason, HasSubstr(reason));
  };
  fails(message + "more\r\n", "the body was changed");
  fails(replaced(message, "dinner", "supper"), "the header was changed");
  fails(replaced(message, "i=2; mx.two.example;\r\n\tspf=pass", "i=2; mx.two.example;\r\n\tspf=fail"),
        "the sets were changed");
  fails(replaced(message, "i=1; mx.one.example;\r\n\tspf=pass", "i=1; mx.one.example;\r\n\tspf=fail"),
        "the sets were changed");
}

TEST_F(Arc, OddSetsFailWithoutAQuestion) {
  const auto message = forward(forward(plain, "one.example"), "two.example");
  const auto fails = [&](const std::string& changed, const char* reason) {
    const auto outcome = verify(changed);
    EXPECT_EQ(outcome.result, ArcResult::fail);
    EXPECT_THAT(outcome.reason, HasSubstr(reason));
    EXPECT_EQ(asked_, 0U);
  };
  fails(forward(plain, "one.example").substr(2), "not complete");
  fails(std::regex_replace(message, std::regex{"i=1"}, "i=3"), "not complete");
  fails(std::regex_replace(message, std::regex{"i=2"}, "i=1"), "two ");
  fails(std::regex_replace(message, std::regex{"i=2"}, "i=51"), "i=");
  fails(std::regex_replace(message, std::regex{"i=2"}, "i=0"), "i=");
  fails(std::regex_replace(message, std::regex{"i=2"}, "i=4294967298"), "i=");
  fails(replaced(message, "cv=pass", "cv=none"), "cv=none");
  fails(replaced(message, "cv=pass", "cv=fail"), "had failed");
  fails(replaced(message, "cv=pass", "cv=sure"), "cv=");
  fails("ARC-Authentication-Results: nothing\r\n" + message, "no valid i=");
}

TEST_F(Arc, NobodyAddsToAFailedChain) {
  const auto broken = forward(plain, "one.example") + "more\r\n";
  const auto failed = forward(broken, "two.example");
  EXPECT_THAT(failed, HasSubstr("cv=fail"));
  EXPECT_EQ(verify(failed).result, ArcResult::fail);
  const auto again = try_seal(failed, "one.example", ArcResult::fail);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text, HasSubstr("failed already"));
}

TEST_F(Arc, FiftySetsAreTheMost) {
  auto message = plain;
  for (int i = 0; i < 50; ++i) {
    const auto sealed = try_seal(message, "two.example", i == 0 ? ArcResult::none : ArcResult::pass);
    ASSERT_TRUE(sealed) << sealed.error().text;
    message.insert(0, *sealed);
  }
  EXPECT_EQ(verify(message).result, ArcResult::pass);
  EXPECT_EQ(asked_, 1U);
  EXPECT_FALSE(try_seal(message, "two.example", ArcResult::pass));
  const auto more = std::regex_replace(try_seal(plain, "two.example", ArcResult::none)->append(message),
                                       std::regex{"i=1;"}, "i=51;", std::regex_constants::format_first_only);
  EXPECT_EQ(verify(more).result, ArcResult::fail);
}

TEST_F(Arc, KeysMustProveSomething) {
  EXPECT_EQ(verify(forward(plain, "weak.example")).result, ArcResult::fail) << "512 bits prove nothing (RFC 8301)";
  const auto message = forward(plain, "one.example");
  // The message's signature by a good key, the seal by a weak one.
  const auto key = SigningKey::from_pem(support::rsa_key(512).pem);
  auto seal = replaced(message.substr(0, message.find("ARC-Message-Signature")), "d=one", "d=weak");
  const auto octets = seal.find(" b=") + 3;
  seal.erase(octets, seal.find(';', octets) - octets);
  auto weak = seal + message.substr(message.find("ARC-Message-Signature"));
  MessageDigest digest;
  digest.feed(weak);
  digest.finish();
  Hash hash{HashAlgorithm::sha256};
  hash.update(seal_input(read_chain(digest), 1));
  weak.insert(octets, to_base64(key->impl().sign(hash.finish(), HashAlgorithm::sha256)));
  EXPECT_EQ(verify(weak).result, ArcResult::fail);
  EXPECT_THAT(verify(weak).reason, HasSubstr("512 bits"));
  zone_ = "s._domainkey.one.example. SERVFAIL\n";
  EXPECT_EQ(verify(message).result, ArcResult::temperror);
  zone_ = "one.example. A 192.0.2.1\n";
  EXPECT_EQ(verify(message).result, ArcResult::fail);
  EXPECT_THAT(verify(message).reason, HasSubstr("s._domainkey.one.example"));
}

TEST_F(Arc, AnInstanceIsNoIdentity) {
  zone_ = support::key_line("s", "one.example", "v=DKIM1; t=s; p=" + support::rsa_key(2048).data);
  EXPECT_EQ(verify(forward(plain, "one.example")).result, ArcResult::pass) << "t=s speaks of DKIM's i= alone";
}

}  // namespace
}  // namespace mailreeve::auth
