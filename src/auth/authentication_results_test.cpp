// SPDX-License-Identifier: Apache-2.0
#include "auth/authentication_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::auth {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

bool is_ours(const std::string& value) {
  const mail::Header header{"Authentication-Results:" + value + "\r\n"};
  return claims_authserv_id(header.fields().front(), "mx.example.org");
}

TEST(AuthenticationResults, ReadsWhatTheRfcShows) {
  const auto read = parse_authentication_results(
      " example.com 1;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
      " spf=pass reason=\"all is \\\"well\\\"\" smtp.mailfrom=example.net");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->authserv_id, "example.com");
  EXPECT_EQ(read->version, "1");
  ASSERT_THAT(read->methods, SizeIs(2));
  EXPECT_EQ(read->methods[1].reason, "all is \"well\"");
  EXPECT_EQ(read->methods[1].properties[0].value, "example.net");
  EXPECT_THAT(parse_authentication_results(" example.com; none").value().methods, SizeIs(0));
  EXPECT_FALSE(parse_authentication_results(""));
  EXPECT_FALSE(parse_authentication_results(" example.com; spf"));
}

TEST(AuthenticationResults, WhatIsWrittenIsReadAgainWhateverComesFromOutside) {
  AuthenticationResults results;
  results.authserv_id = "mx.example.org";
  const std::string nasty = "x\r\nX-Evil: 1; dkim=pass (\"\\)\xff\x01";
  results.methods.push_back({"spf", "fail", nasty, nasty, {{"smtp", "mailfrom", nasty}, {"smtp", "helo", ""}}});
  results.methods.push_back({"dkim", "pass", {}, {}, {{"header", "d", "example.net"}}});
  const auto field = authentication_results_field(results);
  EXPECT_THAT(field, testing::EndsWith("\r\n"));
  const mail::Header header{field};
  ASSERT_THAT(header.fields(), SizeIs(1)) << field;
  EXPECT_FALSE(header.broken());
  const auto read = parse_authentication_results(mail::unfolded(header.fields()[0].value));
  ASSERT_TRUE(read) << read.error().text << field;
  ASSERT_THAT(read->methods, SizeIs(2)) << field;
  EXPECT_EQ(read->methods[0].result, "fail");
  EXPECT_EQ(read->methods[1].properties[0].value, "example.net");
  for (const auto& line : {field}) EXPECT_THAT(line, Not(HasSubstr("\nX-Evil")));
}

TEST(AuthenticationResults, TricksDoNotHideThatAFieldPretendsToBeOurs) {
  for (const auto* value :
       {" mx.example.org; spf=pass", "MX.Example.ORG;spf=pass", " (hi) mx.example.org (1) 1; spf=pass",
        "\r\n mx.example.org; x", " \"mx.example.org\"; spf=pass", " mx.example.org", " mx.example.org 1 garbage (",
        " mx.example.org. ; spf=pass"}) {
    EXPECT_TRUE(is_ours(value)) << value;
  }
  for (const auto* value :
       {" other.example.org; spf=pass", " mx.example.org.evil.example; spf=pass", " ; mx.example.org", ""}) {
    EXPECT_FALSE(is_ours(value)) << value;
  }
}

TEST(AuthenticationResults, IsBounded) {
  std::string many = " x.example";
  for (int i = 0; i < 5000; ++i) many += "; spf=pass";
  const auto read = parse_authentication_results(many);
  if (read) {
    EXPECT_LE(read->methods.size(), 100U);
  }
}

}  // namespace
}  // namespace mailreeve::auth
