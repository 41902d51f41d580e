// SPDX-License-Identifier: Apache-2.0
#include "web/secrets.h"

#include <gtest/gtest.h>

#include <set>

#include "web/passwords.h"

namespace mailreeve::web {
namespace {

TEST(Secrets, AreLongAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto secret = make_secret();
    EXPECT_EQ(secret.size(), 43U);
    EXPECT_TRUE(seen.insert(secret).second);
    EXPECT_TRUE(seen.insert(make_token_id()).second);
  }
  EXPECT_EQ(secret_hash("a").size(), 32U);
  EXPECT_NE(secret_hash("a"), secret_hash("b"));
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "ab"));
}

TEST(Secrets, AreFoundInCookies) {
  const auto secret = make_secret();
  EXPECT_EQ(find_cookie("mailreeve=" + secret, "mailreeve"), secret);
  EXPECT_EQ(find_cookie("a=b;mailreeve=" + secret + " ; c=d", "mailreeve"), secret);
  for (const auto& header : {std::string{}, std::string{";;;"}, std::string{"mailreeve"}, "xmailreeve=" + secret,
                             "mailreeve=" + secret + "x", "mailreeve=\"" + secret + "\"", "MAILREEVE=" + secret,
                             "mailreeve=" + secret + "; mailreeve=" + make_secret(), std::string{"mailreeve="}}) {
    EXPECT_EQ(find_cookie(header, "mailreeve"), std::nullopt) << header;
  }
}

TEST(Secrets, AreFoundInAuthorization) {
  const auto token = "mrv_" + make_secret();
  EXPECT_EQ(find_bearer("Bearer " + token), token);
  EXPECT_EQ(find_bearer("bearer  " + token + " "), token);
  for (const auto& header : {std::string{}, std::string{"Bearer"}, std::string{"Bearer "}, "Basic " + token, token,
                             "Bearer " + token + "x", "Bearer " + token + "," + token, "Bearer " + make_secret()}) {
    EXPECT_EQ(find_bearer(header), std::nullopt) << header;
  }
}

TEST(NewPasswords, AreLongAndNotTheName) {
  const auto good = [](const std::string& password) {
    return check_new_password("administrator", password).has_value();
  };
  EXPECT_TRUE(good("correct horse"));
  EXPECT_TRUE(good("zwölf äöüäöü"));
  EXPECT_TRUE(good("administrator has a long one"));
  EXPECT_FALSE(good("eleven char"));
  EXPECT_FALSE(good("ääääöööö"));
  EXPECT_FALSE(good("administrator"));
  EXPECT_FALSE(good("Administrator1"));
  EXPECT_FALSE(good("administratorADMINISTRATOR"));
  EXPECT_FALSE(good("xxxxxxxxxxxxxxxx"));
  EXPECT_FALSE(good(std::string(1025, 'x') + "y"));
}

TEST(AccountNames, AreShortWordsInLowerCase) {
  EXPECT_EQ(check_account_name("Alice.B-2_c").value_or(""), "alice.b-2_c");
  for (const auto* name : {"", "a b", "a@b", "a/b", "ä", ".a", "-a"}) EXPECT_FALSE(check_account_name(name)) << name;
  EXPECT_FALSE(check_account_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace mailreeve::web
