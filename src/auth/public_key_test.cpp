// SPDX-License-Identifier: Apache-2.0
#include "support/dkim_fixture.h"

namespace mailreeve::auth {
namespace {

using testing::HasSubstr;

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

}  // namespace
}  // namespace mailreeve::auth
