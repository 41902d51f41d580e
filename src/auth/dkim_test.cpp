// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/signature.h"
#include "auth/signing_key.h"
#include "auth/tag_list.h"
#include "support/dkim_keys.h"
#include "support/run.h"

namespace mailreeve::auth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t now_seconds = 1'780'000'000;
const WallTime now{std::chrono::seconds{now_seconds}};

const std::string header_text =
    "Received: from a.example by b.example; Thu, 28 May 2026 20:26:40 +0000\r\n"
    "From: Joe  SixPack <joe@football.example>\r\n"
    "To: Suzie Q <suzie@shopping.example>\r\n"
    "Subject: Is dinner\r\n ready?\r\n"
    "Date: Thu, 28 May 2026 20:26:40 +0000\r\n"
    "Message-ID: <1@football.example>\r\n";
const std::string body_text = "Hi.\r\n\r\nWe lost the game.  Are you hungry\tyet?\r\n\r\nJoe.\r\n";
const std::string plain = header_text + "\r\n" + body_text;

const std::string domain = "football.example";

class Dkim : public testing::Test {
 protected:
  Dkim() { zone_ = support::key_line("rsa", domain, support::rsa_key(2048).record); }

  std::vector<DkimSignature> verify(const std::string& message, DkimOptions options = {}) {
    const auto resolver = dns::zone_resolver_from(zone_);
    EXPECT_TRUE(resolver) << resolver.error().text;
    dns::Recorder recorder{**resolver};
    MessageDigest digest;
    digest.feed(message);
    digest.finish();
    auto found = support::run(verify_dkim(digest, recorder, now, options));
    asked_ = recorder.asked();
    return found;
  }
  /// The one signature of a message that has one.
  DkimSignature verdict(const std::string& message, DkimOptions options = {}) {
    const auto found = verify(message, options);
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? DkimSignature{} : found.front();
  }
  static std::string sign(const std::string& message, DkimSignOptions options = {},
                          const support::DkimKey& key = support::rsa_key(2048)) {
    if (options.domain.empty()) options.domain = domain;
    if (options.selector.empty()) options.selector = "rsa";
    const auto signing = SigningKey::from_pem(key.pem);
    EXPECT_TRUE(signing) << signing.error().text;
    const auto field = sign_dkim(message, *signing, options);
    EXPECT_TRUE(field) << field.error().text;
    return field.value_or("") + message;
  }
  /// Signs what no honest signer would: `tags` as they are, but for %bh and the final b=.
  static std::string sign_tags(const std::string& message, std::string tags,
                               const support::DkimKey& key = support::rsa_key(2048)) {
    const auto signing = SigningKey::from_pem(key.pem);
    const auto header_end = message.find("\r\n\r\n") + 2;
    const mail::Header draft{"DKIM-Signature: " + tags + " b=AAAA\r\n"};
    const auto wanted = parse_signature(draft.fields().front(), SignatureKind::dkim);
    BodyHasher body{wanted.body, wanted.hash, wanted.length};
    body.feed(std::string_view{message}.substr(header_end + 2));
    if (const auto at = tags.find("%bh"); at != std::string::npos) tags.replace(at, 3, to_base64(body.finish()));
    const auto field = "DKIM-Signature: " + tags + " b=";
    const mail::Header own{field + "\r\n"};
    const mail::Header header{message.substr(0, header_end)};
    const auto signature = parse_signature(own.fields().front(), SignatureKind::dkim);
    const auto octets = signing->impl().sign(header_hash(signature, header), signature.hash);
    return field + to_base64(octets) + "\r\n" + message;
  }
  static std::string usual(const std::string& more = {}) {
    return "v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example; s=rsa; h=from:from:to:subject; bh=%bh; " + more;
  }

  std::string zone_;
  std::size_t asked_ = 0;
};

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

struct KeyCase {
  std::string record;  // %p: the right key's data; "|" stands between two records
  DkimResult result;
  std::string reason;
};
class KeyRecords : public Dkim, public testing::WithParamInterface<KeyCase> {};

TEST_P(KeyRecords, AreReadAsTheRfcSays) {
  zone_.clear();
  for (const auto record : split(GetParam().record, '|')) {
    std::string text{record};
    if (const auto at = text.find("%p"); at != std::string::npos) text.replace(at, 2, support::rsa_key(2048).data);
    zone_ += support::key_line("rsa", domain, text);
  }
  const auto one = verdict(sign_tags(plain, usual("i=joe@mail.football.example;")));
  EXPECT_EQ(one.result, GetParam().result) << one.reason;
  EXPECT_THAT(one.reason, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(Dkim, KeyRecords,
                         testing::Values(KeyCase{"v=DKIM1; k=rsa; p=%p", DkimResult::pass, ""},
                                         KeyCase{"p=%p", DkimResult::pass, ""},
                                         KeyCase{" v = DKIM1 ; p = %p ;", DkimResult::pass, ""},
                                         KeyCase{"v=DKIM1; n=notes; x=unknown; p=%p", DkimResult::pass, ""},
                                         KeyCase{"v=DKIM1; h=sha1:sha256; p=%p", DkimResult::pass, ""},
                                         KeyCase{"v=DKIM1; s=*; p=%p", DkimResult::pass, ""},
                                         KeyCase{"v=DKIM1; s=other:email; p=%p", DkimResult::pass, ""},
                                         KeyCase{"v=DKIM1; t=y; p=%p", DkimResult::pass, ""},
                                         KeyCase{"v=spf1 -all|v=DKIM1; p=%p", DkimResult::pass, ""},
                                         KeyCase{"v=DKIM1; p=", DkimResult::permerror, "revoked"},
                                         KeyCase{"v=DKIM1; k=rsa", DkimResult::permerror, "p="},
                                         KeyCase{"v=DKIM2; p=%p", DkimResult::permerror, "v="},
                                         KeyCase{"p=%p; v=DKIM1", DkimResult::permerror, "v="},
                                         KeyCase{"v=DKIM1; k=dsa; p=%p", DkimResult::permerror, "k="},
                                         KeyCase{"v=DKIM1; k=ed25519; p=%p", DkimResult::permerror, "32"},
                                         KeyCase{"v=DKIM1; s=calendar; p=%p", DkimResult::permerror, "s="},
                                         KeyCase{"v=DKIM1; h=sha1; p=%p", DkimResult::permerror, "h="},
                                         KeyCase{"v=DKIM1; t=s; p=%p", DkimResult::permerror, "t=s"},
                                         KeyCase{"v=DKIM1; p=%p; p=%p", DkimResult::permerror, "twice"},
                                         KeyCase{"v=DKIM1; p=!!!!", DkimResult::permerror, "base64"},
                                         KeyCase{"v=DKIM1; p=AAAA", DkimResult::permerror, "read"},
                                         KeyCase{"something else", DkimResult::permerror, "no tag"}));

TEST_F(Dkim, SignersWhoOnlyTestAreTold) {
  zone_ = support::key_line("rsa", domain, "v=DKIM1; t=y:s; p=" + support::rsa_key(2048).data);
  EXPECT_TRUE(verdict(sign(plain)).testing);
  EXPECT_EQ(verdict(sign(plain)).result, DkimResult::pass) << "t=s allows i= in d= itself";
}

TEST_F(Dkim, KeysThatCannotBeFoundAreToldFromThoseThatCannotBeLookedUp) {
  const auto message = sign(plain);
  zone_ = "football.example. A 192.0.2.1\n";
  EXPECT_EQ(verdict(message).result, DkimResult::permerror);
  EXPECT_THAT(verdict(message).reason, HasSubstr("rsa._domainkey.football.example"));
  for (const auto* trouble : {"SERVFAIL", "TIMEOUT", "BOGUS"}) {
    zone_ = std::string{"rsa._domainkey.football.example. "} + trouble + "\n";
    EXPECT_EQ(verdict(message).result, DkimResult::temperror) << trouble;
  }
}

TEST_F(Dkim, WeakKeysProveLittleAndVeryWeakOnesNothing) {
  const auto with = [&](unsigned bits, DkimOptions options = {}) {
    const auto& key = support::rsa_key(bits);
    zone_ = support::key_line("rsa", domain, key.record);
    return verdict(sign(plain, {}, key), options);
  };
  const auto small = with(512);
  EXPECT_EQ(small.result, DkimResult::policy);
  EXPECT_EQ(small.key_bits, 512U);
  EXPECT_TRUE(small.weak_key);
  EXPECT_EQ(with(1016).result, DkimResult::policy);
  EXPECT_EQ(with(1024).result, DkimResult::pass);
  EXPECT_TRUE(with(1024).weak_key);
  EXPECT_FALSE(with(2048).weak_key);
  DkimOptions options;
  options.key_bits_limit = 1024;
  EXPECT_EQ(with(2048, options).result, DkimResult::policy);
  options = {};
  options.allow_obsolete = true;
  EXPECT_EQ(with(512, options).result, DkimResult::pass);
}

TEST_F(Dkim, Sha1ProvesNothingAnyMore) {
  DkimSignOptions old;
  old.algorithm = "rsa-sha1";
  const auto one = verdict(sign(plain, old));
  EXPECT_EQ(one.result, DkimResult::policy);
  EXPECT_EQ(one.algorithm, "rsa-sha1");
  DkimOptions options;
  options.allow_obsolete = true;
  EXPECT_EQ(verdict(sign(plain, old), options).result, DkimResult::pass);
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
