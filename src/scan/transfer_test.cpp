// SPDX-License-Identifier: Apache-2.0
#include "scan/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::SizeIs;
using namespace std::string_literals;

std::vector<std::string> base64(std::string_view text) { return decode(text, Coding::base64, 1000).bytes; }
std::vector<std::string> quoted(std::string_view text) { return decode(text, Coding::quoted_printable, 1000).bytes; }
std::vector<std::string> uu(std::string_view text) { return decode(text, Coding::uuencode, 1000).bytes; }

TEST(Transfer, EveryReadingOfDoubtfulBase64IsThere) {
  EXPECT_THAT(base64("aGVs\r\nbG8="), ElementsAre("hello"));
  EXPECT_THAT(base64("aGVsbG8"), ElementsAre("hello"));
  EXPECT_THAT(base64("aGVsbG8=\r\nd29ybGQ="), ElementsAre("helloworld", "hello", "aGVsbG8=\r\nd29ybGQ="));
  EXPECT_THAT(base64("aG!Vs?bG8="), Contains("hello"));
  EXPECT_THAT(base64("aGVs-bG8="), IsSupersetOf({"hello"s, "hel"s}));
  EXPECT_THAT(base64("-_-_"), Contains("\xfb\xff\xbf"));
  // Padding that completes nothing is nothing to some, and the end to others.
  EXPECT_THAT(base64("=aGVsbG8="), IsSupersetOf({"hello"s, ""s}));
  EXPECT_THAT(base64("aG=VsbG8="), Contains("hello"));
  // A letter too many: Python then shows the text.
  EXPECT_THAT(base64("aGVsA"), IsSupersetOf({"hel"s, "aGVsA"s}));
  EXPECT_TRUE(decode("aGVsbG8=d29y", Coding::base64, 1000).odd);
  EXPECT_FALSE(decode("aGVsbG8=\r\n", Coding::base64, 1000).odd);
}

TEST(Transfer, QuotedPrintableIsReadAsLenientlyAsByMailPrograms) {
  EXPECT_EQ(quoted("a=3d=\r\nb=20 \t=  \r\nc").front(), "a=b  \tc");
  EXPECT_EQ(quoted("=4").front(), "=4");
  EXPECT_EQ(quoted("x=").front(), "x");
  EXPECT_EQ(quoted("=zz=C3=A9").front(), "=zz\xc3\xa9");
  EXPECT_THAT(quoted("a=3Db=\r\nc=\nd"), ElementsAre("a=bcd"));
}

TEST(Transfer, EveryReadingOfDoubtfulQuotedPrintableIsThere) {
  EXPECT_THAT(quoted("a= \r\nb"), IsSupersetOf({"ab"s, "a= \r\nb"s}));
  EXPECT_THAT(quoted("==3D"), IsSupersetOf({"=="s, "==3D"s, "=3D"s}));
  EXPECT_THAT(quoted("=p=41B"), IsSupersetOf({"=pAB"s, "=p=41B"s}));
  EXPECT_THAT(quoted("a=\rb\nc"), IsSupersetOf({"ab\nc"s, "a=\rb\nc"s, "ac"s}));
  EXPECT_TRUE(decode("=zz", Coding::quoted_printable, 1000).odd);
  EXPECT_FALSE(decode("=3D=\r\n", Coding::quoted_printable, 1000).odd);
}

TEST(Transfer, UuencodeIsReadLineByLine) {
  // POSIX uuencode: "#" is three octets.
  const std::string file = "begin 644 a.txt\r\n#0V%T\r\n#0V%T\r\n`\r\nend\r\n";
  EXPECT_THAT(uu(file), ElementsAre("CatCat", file));
  EXPECT_EQ(uu("text before\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\nafter\r\n").front(), "Cat");
  EXPECT_EQ(uu("#0V%T\r\n").front(), "Cat");
  // Blanks at the end of a line are lost on the way: some fill them in.
  EXPECT_THAT(uu("#0P\r\n#0V%T\r\n"), Contains("C\0\0Cat"s));
  EXPECT_THAT(uu("&0V%T\r\n#0V%T\r\n"), Contains("CatCat"));
  EXPECT_TRUE(decode("#0P\r\n", Coding::uuencode, 1000).odd);
}

TEST(Transfer, FilesInATextAreFound) {
  const auto files = find_uuencoded("hello\r\nbegin 644 a b.exe\r\n#0V%T\r\n`\r\nend\r\nbegin 0755 c\r\n#0V%T\r\n");
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files[0].name, "a b.exe");
  EXPECT_EQ(uu(files[0].body).front(), "Cat");
  EXPECT_EQ(files[1].name, "c");
  EXPECT_EQ(uu(files[1].body).front(), "Cat");
  EXPECT_THAT(find_uuencoded("begin 644 a\n#0V%T\nend\n"), SizeIs(1));
  EXPECT_THAT(find_uuencoded("begin the day with 644 a\r\nbegin 999 x\r\n begin 644 y\r\n"), SizeIs(0));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "begin 644 a\r\nend\r\n";
  EXPECT_THAT(find_uuencoded(many), SizeIs(100));
}

TEST(Transfer, NothingIsLongerThanAsked) {
  SeededRandom random{5};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 500; ++i) text += "Aa0+/-_==\r\n !`#M~\0"[random.below(18)];
    for (const auto coding : {Coding::identity, Coding::base64, Coding::quoted_printable, Coding::uuencode}) {
      const auto readings = decode(text, coding, 100).bytes;
      ASSERT_FALSE(readings.empty());
      EXPECT_LE(readings.size(), 8U);
      for (const auto& bytes : readings) EXPECT_LE(bytes.size(), 102U);
    }
  }
}

}  // namespace
}  // namespace mailreeve::scan
