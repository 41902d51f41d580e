// SPDX-License-Identifier: Apache-2.0
#include "support/dkim_fixture.h"

namespace mailreeve::auth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct RoundTripCase {
  bool ed25519;
  std::string canonicalization;
};
class RoundTrip : public Dkim, public testing::WithParamInterface<RoundTripCase> {};

TEST_P(RoundTrip, WhatWeSignHolds) {
  const auto& key = GetParam().ed25519 ? support::ed25519_key() : support::rsa_key(2048);
  zone_ = support::key_line("one", domain, key.record);
  DkimSignOptions options;
  options.selector = "one";
  options.canonicalization = GetParam().canonicalization;
  options.signed_at = now;
  options.expires_at = now + std::chrono::hours{24};
  options.identity = "joe@football.example";
  const auto one = verdict(sign(plain, options, key));
  EXPECT_EQ(one.result, DkimResult::pass) << one.reason;
  EXPECT_EQ(one.domain, domain);
  EXPECT_EQ(one.selector, "one");
  EXPECT_EQ(one.identity, "joe@football.example");
  EXPECT_EQ(one.algorithm, GetParam().ed25519 ? "ed25519-sha256" : "rsa-sha256");
  EXPECT_EQ(one.key_bits, GetParam().ed25519 ? 256U : 2048U);
  EXPECT_THAT(one.reason, IsEmpty());
  EXPECT_THAT(one.b_start, SizeIs(8));
  EXPECT_FALSE(one.weak_key);
  EXPECT_FALSE(one.partial_body);
  EXPECT_FALSE(one.expired);
  EXPECT_FALSE(one.testing);
  EXPECT_FALSE(one.unsigned_from_possible) << "From is oversigned when nothing else is asked for";
}

INSTANTIATE_TEST_SUITE_P(Signing, RoundTrip,
                         testing::Values(RoundTripCase{false, "simple/simple"}, RoundTripCase{false, "simple/relaxed"},
                                         RoundTripCase{false, "relaxed/simple"},
                                         RoundTripCase{false, "relaxed/relaxed"}, RoundTripCase{true, "simple/simple"},
                                         RoundTripCase{true, "relaxed/relaxed"}));

TEST_F(Dkim, EmptyBodiesAndMissingLineEndsAreSignedAsTheyAreVerified) {
  for (const auto* body :
       {"", "\r\n", "\r\n\r\n", "no line end", " \t ", "a\r\n\r\n\r\n", " \r\n\t\r\n", "\r", "a\rb"}) {
    for (const auto* canonicalization : {"simple/simple", "relaxed/relaxed"}) {
      DkimSignOptions options;
      options.canonicalization = canonicalization;
      const auto one = verdict(sign(header_text + "\r\n" + body, options));
      EXPECT_EQ(one.result, DkimResult::pass) << canonicalization << ": " << body << ": " << one.reason;
    }
  }
}

TEST_F(Dkim, WhatWasChangedFails) {
  const auto message = sign(plain);
  ASSERT_EQ(verdict(message).result, DkimResult::pass);
  const auto changed = [&](const std::string& from, const std::string& to) {
    auto copy = message;
    copy.replace(copy.rfind(from), from.size(), to);
    return verdict(copy);
  };
  EXPECT_EQ(changed("lost", "won!").result, DkimResult::fail);
  EXPECT_THAT(changed("lost", "won!").reason, HasSubstr("body"));
  EXPECT_EQ(changed("dinner", "supper").result, DkimResult::fail);
  EXPECT_THAT(changed("dinner", "supper").reason, HasSubstr("header"));
  EXPECT_EQ(changed("Joe.\r\n", "Joe.\r\nmore\r\n").result, DkimResult::fail);
  EXPECT_EQ(changed("\r\n\r\nHi.", "\r\n\r\nadded\r\nHi.").result, DkimResult::fail);
  EXPECT_EQ(changed("\r\n\r\nHi.", "\r\nadded between\r\n\r\nHi.").result, DkimResult::pass)
      << "a line that is no field belongs to nothing that was signed";
}

TEST_F(Dkim, RelaxedForgivesWhiteSpaceAndSimpleDoesNot) {
  auto message = header_text + "\r\n" + body_text;
  for (const auto* canonicalization : {"relaxed/relaxed", "simple/simple"}) {
    DkimSignOptions options;
    options.canonicalization = canonicalization;
    const auto wanted = options.canonicalization == "simple/simple" ? DkimResult::fail : DkimResult::pass;
    auto copy = sign(message, options);
    copy.replace(copy.rfind("Is dinner\r\n ready?"), 18, "Is\r\n\tdinner   ready? ");
    EXPECT_EQ(verdict(copy).result, wanted) << canonicalization;
    copy = sign(message, options);
    copy.replace(copy.rfind("game.  Are"), 10, "game. Are");
    EXPECT_EQ(verdict(copy).result, wanted) << canonicalization;
    copy = sign(message, options) + "\r\n\r\n";
    EXPECT_EQ(verdict(copy).result, DkimResult::pass) << "empty lines at the end mean nothing to either";
  }
}

TEST_F(Dkim, ASecondFromBreaksWhatIsOversigned) {
  const auto second = "From: the bank <bank@bank.example>\r\n";
  EXPECT_EQ(verdict(second + sign(plain)).result, DkimResult::fail);
  EXPECT_EQ(verdict("Subject: urgent\r\n" + sign(plain)).result, DkimResult::fail);
  DkimSignOptions once;
  once.fields = {"From", "To"};
  EXPECT_TRUE(verdict(sign(plain, once)).unsigned_from_possible);
  const auto one = verdict(second + sign(plain, once));
  EXPECT_EQ(one.result, DkimResult::pass);
  EXPECT_TRUE(one.unsigned_from_possible);
  EXPECT_THAT(one.signed_fields, testing::ElementsAre("from", "to"));
}

TEST_F(Dkim, RepeatedFieldsAreTakenFromTheBottom) {
  const auto twice = "Comments: upper\r\nComments: lower\r\n" + plain;
  DkimSignOptions options;
  options.fields = {"From", "Comments"};
  const auto message = sign(twice, options);
  const auto without = [&](const std::string& line) {
    auto copy = message;
    copy.erase(copy.rfind(line), line.size());
    return verdict(copy).result;
  };
  EXPECT_EQ(without("Comments: upper\r\n"), DkimResult::pass);
  EXPECT_EQ(without("Comments: lower\r\n"), DkimResult::fail);
}

TEST_F(Dkim, TimesAllowForSkewedClocks) {
  const auto at = [&](std::int64_t offset) {
    return std::to_string(static_cast<std::int64_t>(now_seconds) + offset) + ";";
  };
  EXPECT_EQ(verdict(sign_tags(plain, usual("x=" + at(0)))).result, DkimResult::pass);
  EXPECT_EQ(verdict(sign_tags(plain, usual("x=" + at(-300)))).result, DkimResult::pass);
  const auto late = verdict(sign_tags(plain, usual("x=" + at(-301))));
  EXPECT_EQ(late.result, DkimResult::policy);
  EXPECT_TRUE(late.expired);
  EXPECT_THAT(late.reason, HasSubstr("expired"));
  EXPECT_EQ(verdict(sign_tags(plain, usual("t=" + at(300)))).result, DkimResult::pass);
  const auto early = verdict(sign_tags(plain, usual("t=" + at(301))));
  EXPECT_EQ(early.result, DkimResult::policy);
  EXPECT_FALSE(early.expired);
  EXPECT_EQ(verdict(sign_tags(plain, usual("x=18446744073709551615;"))).result, DkimResult::pass)
      << "the largest time of all has not come yet";
  EXPECT_EQ(verdict(sign_tags(plain, usual("x=18446744073709551616;"))).result, DkimResult::permerror);
  EXPECT_EQ(verdict(sign_tags(plain, usual("t=" + at(0) + " x=" + at(-1)))).result, DkimResult::permerror);
}

TEST_F(Dkim, PartlyCoveredBodiesPassAndAreTold) {
  const auto all = std::to_string(body_text.size() - 1);  // relaxed: two spaces became one
  const auto whole = verdict(sign_tags(plain, usual("l=" + all + ";")));
  EXPECT_EQ(whole.result, DkimResult::pass);
  EXPECT_FALSE(whole.partial_body);
  const auto longer = verdict(sign_tags(plain, usual("l=" + all + ";")) + "Send money.\r\n");
  EXPECT_EQ(longer.result, DkimResult::pass);
  EXPECT_TRUE(longer.partial_body);
  EXPECT_THAT(longer.reason, HasSubstr("l="));
  const auto nothing = verdict(sign_tags(plain, usual("l=0;")) + "anything");
  EXPECT_EQ(nothing.result, DkimResult::pass);
  EXPECT_TRUE(nothing.partial_body);
  EXPECT_EQ(verdict(sign_tags(plain, usual("l=100000;"))).result, DkimResult::fail) << "covers more than there is";
}

class BadSignatures : public Dkim, public testing::WithParamInterface<std::string> {};

TEST_P(BadSignatures, ArePermanentErrorsAndNothingIsAsked) {
  auto tags = GetParam();
  const auto hash = to_base64(std::string(32, 'x'));
  if (const auto at = tags.find("%bh"); at != std::string::npos) tags.replace(at, 3, hash);
  const auto one = verdict("DKIM-Signature: " + tags + "\r\n" + plain);
  EXPECT_EQ(one.result, DkimResult::permerror) << one.reason;
  EXPECT_THAT(one.reason, testing::Not(IsEmpty()));
  EXPECT_EQ(asked_, 0U);
  for (const char c : one.reason) EXPECT_TRUE(c >= ' ' && c < 0x7f) << "a reason is for people and for logs";
}

using namespace std::string_literals;
INSTANTIATE_TEST_SUITE_P(
    Dkim, BadSignatures,
    testing::Values("a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=2; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-md5; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=to:subject; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh; b=",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh; b=*",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=AAAA; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; d=bank.example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; q=http; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; c=tidy; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; c=relaxed/relaxed/relaxed; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; i=joe@bank.example; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; i=joe@notfootball.example; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; l=-1; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; l=18446744073709551616; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; t=soon; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example\0.bank.example; s=rsa; h=from; bh=%bh; b=AAAA"s,
                    "v=1; a=rsa-sha256; d=football.example; s=rsa/x; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=*; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=r\0sa; h=from; bh=%bh; b=AAAA"s,
                    "v=1; a=rsa-sha256; d=football.example; s=\"rsa\"; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football..example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=" + std::string(64, 'a') + ".example; s=rsa; h=from; bh=%bh; b=AAAA",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA; \x1b[31m\xff nothing",
                    "v=1; a=rsa-sha256; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA; 1x=y",
                    "v=1; a=rsa-sha256;; d=football.example; s=rsa; h=from; bh=%bh; b=AAAA"));

TEST_F(Dkim, OnlyTheFirstTenSignaturesAreLookedAt) {
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += "DKIM-Signature: v=1; a=rsa-sha256; d=d" + std::to_string(i) +
            ".example; s=rsa; h=from; l=0; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n";
  }
  const auto found = verify(many + plain);
  EXPECT_THAT(found, SizeIs(10));
  EXPECT_LE(asked_, 10U);
  EXPECT_EQ(found.front().domain, "d0.example");
}

TEST_F(Dkim, OneKeyIsAskedForOnce) {
  DkimSignOptions options;
  options.canonicalization = "simple/simple";
  const auto found = verify(sign(sign(plain), options));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].result, DkimResult::pass);
  EXPECT_EQ(found[1].result, DkimResult::pass);
  EXPECT_NE(found[0].b_start, found[1].b_start);
  EXPECT_EQ(asked_, 1U);
}

TEST_F(Dkim, OneThatHoldsIsEnough) {
  const auto broken = "DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=AAAA; b=AAAA\r\n";
  const auto message = broken + sign(plain);
  MessageDigest digest;
  digest.feed(message);
  digest.finish();
  EXPECT_EQ(overall(digest, verify(message)), DkimResult::pass);
  EXPECT_EQ(overall(digest, verify(broken + plain)), DkimResult::permerror);
  EXPECT_EQ(overall(digest, verify(plain)), DkimResult::none);
}

TEST_F(Dkim, ALargeHeaderIsNotKeptHoweverItComes) {
  MessageDigest::Limits limits;
  limits.header_bytes = 1000;
  const auto message = sign("X-Long: " + std::string(1500, 'x') + "\r\n" + plain);
  for (const std::size_t step : {7UL, 1000UL, 100'000UL}) {
    MessageDigest digest{limits};
    for (std::size_t at = 0; at < message.size(); at += step) digest.feed(std::string_view{message}.substr(at, step));
    digest.finish();
    EXPECT_TRUE(digest.header_too_big()) << step;
    EXPECT_FALSE(digest.header_complete()) << step;
  }
}

TEST_F(Dkim, SigningSaysWhatIsWrong) {
  const auto key = SigningKey::from_pem(support::rsa_key(2048).pem);
  const auto trouble = [&](const std::string& message, auto change) {
    DkimSignOptions options;
    options.domain = domain;
    options.selector = "rsa";
    change(options);
    const auto field = sign_dkim(message, *key, options);
    return field ? "signed" : field.error().text;
  };
  EXPECT_EQ(trouble(plain, [](auto&) {}), "signed");
  EXPECT_THAT(trouble("From: a@b.example\r\n", [](auto&) {}), HasSubstr("header"));
  EXPECT_THAT(trouble(plain, [](auto& o) { o.fields = {"To"}; }), HasSubstr("From"));
  EXPECT_THAT(trouble(plain, [](auto& o) { o.canonicalization = "tidy/relaxed"; }), HasSubstr("tidy/relaxed"));
  EXPECT_THAT(trouble(plain, [](auto& o) { o.domain = "no domain"; }), HasSubstr("no domain"));
  EXPECT_THAT(trouble(plain, [](auto& o) { o.selector = "a;b"; }), HasSubstr("a;b"));
  EXPECT_THAT(trouble(" folded: line\r\n" + plain, [](auto&) {}), HasSubstr("folded"));
  EXPECT_FALSE(SigningKey::from_pem(""));
  EXPECT_FALSE(SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST_F(Dkim, OtherKindsOfKeysAreRefused) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> curve{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const auto key = SigningKey::from_pem(support::pem_of(curve.get()));
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().text, HasSubstr("RSA"));
}

TEST_F(Dkim, LinesOfASignatureStayShort) {
  DkimSignOptions options;
  options.signed_at = now;
  const auto signed_message = sign(plain, options);
  const auto field = signed_message.substr(0, signed_message.size() - plain.size());
  EXPECT_TRUE(field.ends_with("\r\n"));
  for (const auto line : split(field, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace mailreeve::auth
