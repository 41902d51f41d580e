// SPDX-License-Identifier: Apache-2.0
// The examples of RFC 7208 7.4, and the edges.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/spf_record.h"
#include "mail/characters.h"

namespace mailreeve::auth {
namespace {

SpfMacroValues example(std::string_view client = "192.0.2.3") {
  SpfMacroValues values;
  values.sender = "strong-bad@email.example.com";
  values.local = "strong-bad";
  values.sender_domain = values.domain = "email.example.com";
  values.helo = "mx.example.com";
  values.receiver = "receiver.example.net";
  values.client = *IpAddress::parse(client);
  values.now = 1'700'000'000;
  return values;
}

TEST(SpfMacro, ExamplesOfRfc7208) {
  const std::pair<const char*, const char*> cases[] = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{o}", "email.example.com"},
      {"%{d}", "email.example.com"},
      {"%{d4}", "email.example.com"},
      {"%{d3}", "email.example.com"},
      {"%{d2}", "example.com"},
      {"%{d1}", "com"},
      {"%{dr}", "com.example.email"},
      {"%{d2r}", "example.email"},
      {"%{l}", "strong-bad"},
      {"%{l-}", "strong.bad"},
      {"%{lr}", "strong-bad"},
      {"%{lr-}", "bad.strong"},
      {"%{l1r-}", "strong"},
      {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
      {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
      {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
      {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
      {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_TRUE(is_macro_string(text, false)) << text;
    EXPECT_EQ(expand_macros(text, example()), expected) << text;
  }
  EXPECT_EQ(mail::lower(expand_macros("%{ir}.%{v}._spf.%{d2}", example("2001:db8::cb01"))),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

TEST(SpfMacro, EscapesAndOtherLetters) {
  EXPECT_EQ(expand_macros("a%%b%_c%-d", example()), "a%b c%20d");
  EXPECT_EQ(expand_macros("%{h} %{c} %{r} %{t} %{p}", example()),
            "mx.example.com 192.0.2.3 receiver.example.net 1700000000 unknown");
  EXPECT_EQ(expand_macros("%{v} %{c}", example("2001:db8::1")), "ip6 2001:db8::1");
  EXPECT_EQ(expand_macros("%{r}", SpfMacroValues{}), "unknown");
}

TEST(SpfMacro, UpperCaseEscapesForUrls) {
  auto values = example();
  values.local = "a+b c/d~e_f.g-h\xc3\xbc";
  EXPECT_EQ(expand_macros("http://x.example/?%{L}&%{l}", values),
            "http://x.example/?a%2Bb%20c%2Fd~e_f.g-h%C3%BC&a+b c/d~e_f.g-h\xc3\xbc");
  EXPECT_EQ(expand_macros("%{S}", example()), "strong-bad%40email.example.com");
  EXPECT_EQ(expand_macros("%{L1R-}", example()), "strong");
}

TEST(SpfMacro, EveryDelimiterSplits) {
  auto values = example();
  values.local = "a.b-c+d,e/f_g=h";
  EXPECT_EQ(expand_macros("%{l.-+,/_=}", values), "a.b.c.d.e.f.g.h");
  EXPECT_EQ(expand_macros("%{l3r.-+,/_=}", values), "c.b.a");
  EXPECT_EQ(expand_macros("%{l2+}", values), "a.b-c.d,e/f_g=h");
  EXPECT_EQ(expand_macros("%{l128}", values), values.local);
}

TEST(SpfMacro, WhatIsMalformed) {
  for (const auto* text : {"%", "a%", "%a", "%{", "%{}", "%{d", "%{x}", "%{d0}", "%{dr2}", "%{d2rr}", "%{d:}", "%{d-2}",
                           "% ", "a b", "a\tb", "\xc3\xbc"}) {
    EXPECT_FALSE(is_macro_string(text, false)) << text;
  }
  for (const auto* text : {"%{c}", "%{r}", "%{t}", "a b"}) {
    EXPECT_FALSE(is_macro_string(text, false)) << text;
    EXPECT_TRUE(is_macro_string(text, true)) << text;
  }
}

TEST(SpfMacro, FindsALetterInEitherCase) {
  EXPECT_TRUE(uses_macro("a%{d}.%{P2r}", 'p'));
  EXPECT_FALSE(uses_macro("p.%{d}.%p", 'p'));
  EXPECT_FALSE(uses_macro("%{", 'p'));
}

TEST(SpfMacro, ANameLosesLabelsFromTheLeftUntilItFits) {
  auto values = example();
  const std::string label(60, 'x');
  const auto local = fmt::format("{0}.{0}.{0}.{0}.{0}", label);
  values.local = local;
  const auto name = expand_domain("%{l}.example.com", values);
  EXPECT_EQ(name, fmt::format("{0}.{0}.{0}.example.com", label));
  EXPECT_EQ(expand_domain("%{d}.", example()), "email.example.com");
}

TEST(SpfMacro, AnExpansionIsBounded) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "%{s}";
  EXPECT_EQ(expand_macros(text, example()).size(), 4096U);
}

}  // namespace
}  // namespace mailreeve::auth
