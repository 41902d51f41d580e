// SPDX-License-Identifier: Apache-2.0
#include "auth/spf_record.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::auth {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& text) {
  const auto record = parse_spf_record(text);
  return record ? "" : record.error().text;
}

TEST(SpfRecord, IsKnownByItsFirstWord) {
  for (const auto* text : {"v=spf1", "v=spf1 ", "V=SPF1 -all"}) EXPECT_TRUE(is_spf_record(text)) << text;
  for (const auto* text : {"", "v=spf", "v=spf10", "v=spf1\t-all", "v=spf1-all", " v=spf1", "spf2.0/pra -all"}) {
    EXPECT_FALSE(is_spf_record(text)) << text;
  }
}

TEST(SpfRecord, HoldsItsTerms) {
  const auto record =
      parse_spf_record("v=spf1  A:host.example/24//64 ~MX ?ptr -ip6:2001:db8::/32  redirect=x.example ");
  ASSERT_TRUE(record) << record.error().text;
  ASSERT_EQ(record->directives.size(), 4U);
  const auto& a = record->directives[0];
  EXPECT_EQ(a.mechanism, SpfMechanism::a);
  EXPECT_EQ(a.domain, "host.example");
  EXPECT_EQ(a.prefix4, 24U);
  EXPECT_EQ(a.prefix6, 64U);
  EXPECT_EQ(a.text, "A:host.example/24//64");
  EXPECT_EQ(record->directives[1].qualifier, SpfResult::softfail);
  EXPECT_EQ(record->directives[1].domain, "");
  EXPECT_EQ(record->directives[2].qualifier, SpfResult::neutral);
  EXPECT_EQ(record->directives[3].qualifier, SpfResult::fail);
  EXPECT_EQ(record->directives[3].prefix6, 32U);
  EXPECT_EQ(record->redirect, "x.example");
  EXPECT_FALSE(record->exp);
}

TEST(SpfRecord, WrongTermsAreNamed) {
  for (const auto* term : {"ipv4:192.0.2.1",
                           "ip4:192.0.2",
                           "ip4:192.0.2.1/33",
                           "ip4:192.0.2.1/",
                           "ip4:192.0.2.1/08",
                           "ip4:2001:db8::1",
                           "ip4",
                           "ip6:192.0.2.1",
                           "ip6:2001:db8::/129",
                           "ip6:",
                           "all:x.example",
                           "all/8",
                           "include",
                           "include:",
                           "exists",
                           "include:x.example/24",
                           "exists:x.example//64",
                           "exists:foo}",
                           "exists:foo%%b",
                           "a:",
                           "a/33",
                           "a//129",
                           "a/24/64",
                           "a///64",
                           "a:x.example/",
                           "mx:com",
                           "a:x.123",
                           "a:x.-y",
                           "a:x.example%",
                           "a:%{x}.example",
                           "a:%{d",
                           "a:%{c}.example",
                           "ptr:",
                           "ptr/24",
                           "redirect=",
                           "redirect=localhost",
                           "exp=",
                           "--all",
                           "+",
                           "-",
                           "moo",
                           "moo:x.example",
                           "1=x",
                           "=x",
                           "x=%"}) {
    EXPECT_THAT(error_of(fmt::format("v=spf1 {} -all", term)), HasSubstr(term)) << term;
  }
}

TEST(SpfRecord, WhatIsLegalThoughOdd) {
  for (const auto* term :
       {"a/0", "a//0", "mx/32//128", "ip4:0.0.0.0/0", "ip6:::/0", "ip6:::ffff:192.0.2.1", "a:%{i}._spf.%{d2}",
        "a:x.example.", "exists:%{ir}.%{l1r-+}._spf.%{d}", "exists:%{d}", "include:a/b.example", "x-y_z.1=anything",
        "unknown=", "exists:%%.x.example", "exists:x.%%", "a:foo:bar/baz.example", "ptr:x.xn--zckzah"}) {
    EXPECT_EQ(error_of(fmt::format("v=spf1 {} -all", term)), "") << term;
  }
}

TEST(SpfRecord, AModifierThatStandsTwiceIsAnErrorUnlessUnknown) {
  EXPECT_THAT(error_of("v=spf1 redirect=a.example REDIRECT=a.example"), HasSubstr("twice"));
  EXPECT_THAT(error_of("v=spf1 exp=a.example -all exp=b.example"), HasSubstr("twice"));
  EXPECT_EQ(error_of("v=spf1 ra=postmaster ra=abuse -all"), "");
}

TEST(SpfRecord, OnlyPrintableAscii) {
  EXPECT_NE(error_of("v=spf1 a:b\xc3\xbc.example -all"), "");
  EXPECT_NE(error_of("v=spf1\ta -all"), "");
  EXPECT_NE(error_of(std::string{"v=spf1 -all\0", 12}), "");
  EXPECT_NE(error_of("v=spf1 a\n-all"), "");
}

TEST(SpfRecord, IsBounded) {
  std::string terms = "v=spf1";
  for (int i = 0; i < 500; ++i) terms += " a";
  EXPECT_EQ(error_of(terms), "");
  EXPECT_THAT(error_of(terms + " a"), HasSubstr("500"));
  const std::string padded = "v=spf1 -all";
  EXPECT_EQ(error_of(padded + std::string(65'536 - padded.size(), ' ')), "");
  EXPECT_THAT(error_of(padded + std::string(65'537 - padded.size(), ' ')), HasSubstr("64 KiB"));
  EXPECT_LE(error_of("v=spf1 " + std::string(60'000, 'x')).size(), 200U);
}

}  // namespace
}  // namespace mailreeve::auth
