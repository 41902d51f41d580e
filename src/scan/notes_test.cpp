// SPDX-License-Identifier: Apache-2.0
#include "scan/notes.h"

#include <gtest/gtest.h>

#include "scan/report.h"

namespace mailreeve::scan {
namespace {

using namespace std::string_literals;

constexpr std::size_t plenty = 1000;

TEST(CleanText, IsUtf8OnOneLine) {
  EXPECT_EQ(clean_text("a\tb\r\nc", plenty), "a b  c");
  EXPECT_EQ(clean_text("a\0b\x1b[1m\x7f"s, plenty), "a\uFFFDb\uFFFD[1m\uFFFD");
  EXPECT_EQ(clean_text("\xff\xc3(\xe2\x82", plenty), "\uFFFD\uFFFD(\uFFFD\uFFFD");
  EXPECT_EQ(clean_text("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", plenty).find('/'), std::string::npos);
  EXPECT_EQ(clean_text("gr\u00fcn \u20ac \U0001F600", plenty), "gr\u00fcn \u20ac \U0001F600");
  EXPECT_EQ(clean_text("a\u2028b\u2029c\u0085d", plenty), "a b c\uFFFDd");
}

TEST(CleanText, IsCutBetweenCharacters) {
  for (std::size_t most = 0; most < 8; ++most) {
    const auto text = clean_text("a\u20acb\u20ac", most);
    EXPECT_LE(text.size(), most);
    EXPECT_TRUE("a\u20acb\u20ac"s.starts_with(text)) << most;
  }
  EXPECT_EQ(clean_text("abcdef", 3), "abc");
}

TEST(ReadableText, WhiteSpaceOfAnyKindIsOneBlank) {
  EXPECT_EQ(readable_text("a \t\r\n b", plenty), "a b");
  EXPECT_EQ(readable_text("a\u00a0\u2003 \u3000\u202f\u205f\u2028b", plenty), "a b");
}

TEST(ReadableText, WhatNobodySeesIsGone) {
  EXPECT_EQ(readable_text("vi\u00ada\u200bg\u200cr\u200da\u2060 \ufeffx\u180ey\u034fz\u202e!\u2066?", plenty),
            "viagra xyz!?");
  EXPECT_EQ(readable_text("Gr\u00fc\u00dfe \u2014 \u20ac \u2019 \U0001F600", plenty),
            "Gr\u00fc\u00dfe \u2014 \u20ac \u2019 \U0001F600");
}

TEST(ReadableText, IsCleanAndBounded) {
  EXPECT_EQ(readable_text("a\xe2\x80", plenty), "a\uFFFD\uFFFD");
  EXPECT_EQ(readable_text("\xe2", plenty), "\uFFFD");
  EXPECT_EQ(readable_text("a\0b"s, plenty), "a\uFFFDb");
  for (std::size_t most = 0; most < 8; ++most) EXPECT_LE(readable_text("\u20ac\u20ac \xff\xff", most).size(), most);
}

TEST(Notes, AreBoundedAndDifferent) {
  Notes notes{30};
  for (int i = 0; i < 100; ++i) notes.add("a", "1", "the same");
  for (int i = 0; i < 100; ++i) notes.add("b", "1", std::to_string(i));
  notes.add("c", "1\n" + std::string(1000, 'p'), "x\ny" + std::string(1000, 't'));
  EXPECT_TRUE(notes.has("a"));
  EXPECT_TRUE(notes.has("c"));
  EXPECT_FALSE(notes.has("d"));
  const auto all = notes.take();
  EXPECT_EQ(all.size(), 1U + 20U + 1U);
  EXPECT_LE(all.back().text.size(), 300U);
  EXPECT_LE(all.back().place.size(), 300U);
  EXPECT_EQ(all.back().text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace mailreeve::scan
