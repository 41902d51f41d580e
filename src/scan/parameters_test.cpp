// SPDX-License-Identifier: Apache-2.0
// Parameters as mail programs read them: every one of these readings was seen in GMime, Python or a mail program.
#include "scan/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;
using namespace std::string_literals;

std::vector<std::string> names(std::string_view parameters) {
  return readings_of(parse_parameters("attachment; " + std::string{parameters}), "filename");
}

TEST(Parameters, TheValueIsFreeOfCommentsBlanksAndCase) {
  EXPECT_EQ(parse_parameters("Text/Plain; charset=utf-8").value, "text/plain");
  EXPECT_EQ(parse_parameters(" (a (b) \\) c) text / (d) plain ;x=y").value, "text/plain");
  EXPECT_EQ(parse_parameters("text/plain charset=utf-8").value, "text/plain");
  EXPECT_EQ(parse_parameters("").value, "");
}

TEST(Parameters, PlainOnesHaveOneReading) {
  EXPECT_THAT(names("filename=a.txt"), ElementsAre("a.txt"));
  EXPECT_THAT(names("FileName = \"a b;c.txt\" ; x=y"), ElementsAre("a b;c.txt"));
  EXPECT_THAT(names("filename=\r\n \"a\r\n b.txt\""), ElementsAre("a b.txt"));
  EXPECT_THAT(names("filename=\"report (1).txt\""), ElementsAre("report (1).txt"));
  EXPECT_THAT(names("filename=\"say \\\"hi\\\".txt\""), Contains("say \"hi\".txt"));
  EXPECT_THAT(names("x=y"), IsEmpty());
}

TEST(Parameters, SectionsAreJoinedByNumber) {
  // RFC 2231 3, 4.1.
  EXPECT_THAT(names("filename*1=n.exe; filename*0=ru"), ElementsAre("run.exe"));
  EXPECT_THAT(names("filename*0*=utf-8''r%75n; filename*1=%2eexe"), IsSupersetOf({"run.exe"s, "run%2eexe"s}));
  EXPECT_THAT(names("filename*0*=utf-8''%C3; filename*1*=%BC.exe").front(), "\xc3\xbc.exe");
  EXPECT_THAT(names("filename*0=a; filename*1=b; filename*2=c; filename*3=d; filename*4=e; filename*5=f; filename*6=g; "
                    "filename*7=h; filename*8=i; filename*9=j; filename*10=.exe"),
              ElementsAre("abcdefghij.exe"));
}

TEST(Parameters, BrokenSectionsHaveManyReadings) {
  EXPECT_THAT(names("filename*0=a.txt; filename*2=.exe"), IsSupersetOf({"a.txt"s, "a.txt.exe"s}));
  EXPECT_THAT(names("filename*1=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("filename*0=a; filename*0=b; filename*1=.exe"), IsSupersetOf({"a.exe"s, "ab.exe"s, "a"s}));
  EXPECT_THAT(names("filename=a.txt; filename*0=b; filename*1=.exe"), IsSupersetOf({"a.txt"s, "b.exe"s}));
  EXPECT_THAT(names("filename*-1=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("filename*99999999999999999999=run.exe"), Contains("run.exe"));
}

TEST(Parameters, CharsetsAreUndone) {
  EXPECT_THAT(names("filename*=utf-8'en'na%C3%AFve.exe"), ElementsAre("na\xc3\xafve.exe"));
  EXPECT_THAT(names("filename*=iso-8859-1''f%FCr.exe"), ElementsAre("f\xc3\xbcr.exe"));
  EXPECT_THAT(names("filename*=utf-7''run+AC4-exe"), Contains("run.exe"));
  // RFC 2781 says big-endian, programs say little-endian.
  EXPECT_THAT(names("filename*=utf-16''r%00u%00n%00.%00e%00x%00e%00"), Contains("run.exe"));
  EXPECT_THAT(names("filename*=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("filename*=utf-8''run.exe'x.txt"), IsSupersetOf({"run.exe'x.txt"s, "run.exe"s}));
  EXPECT_THAT(names("filename=\"f\xfcr.exe\""), ElementsAre("f\xc3\xbcr.exe"));
  EXPECT_THAT(names("filename=a.txt; filename*=utf-8''b.exe"), ElementsAre("b.exe", "a.txt"));
}

TEST(Parameters, EncodedWordsAreUndoneThoughTheyAreForbidden) {
  // RFC 2047 5.
  EXPECT_THAT(names("filename=\"=?utf-8?q?run=2Eexe?=\""), Contains("run.exe"));
  EXPECT_THAT(names("filename==?utf-8?b?cnVuLmV4ZQ==?="), Contains("run.exe"));
}

TEST(Parameters, OddQuotesAndEndsHaveManyReadings) {
  EXPECT_THAT(names("filename=\"run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("filename=run.exe\""), Contains("run.exe"));
  EXPECT_THAT(names("filename=?\"a;b.exe\""), Contains("?\"a;b.exe\""));
  EXPECT_THAT(names("filename=\"a\"b\".exe\""), IsSupersetOf({"a"s, "a\"b\".exe"s}));
  EXPECT_THAT(names("filename=report final.exe"), IsSupersetOf({"report"s, "report final.exe"s}));
  EXPECT_THAT(names("filename=run.exe,x"), IsSupersetOf({"run.exe"s, "run.exe,x"s}));
  EXPECT_THAT(names("filename=<run.exe>"), Contains("run.exe"));
  EXPECT_THAT(names("filename=\"run\\.exe\""), IsSupersetOf({"run.exe"s, "run\\.exe"s}));
  EXPECT_THAT(names("filename=\"run.exe\0.txt\""s), IsSupersetOf({"run.exe"s, "run.exe\0.txt"s}));
  EXPECT_THAT(names("x=\"; filename=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("x=y filename=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("x=\"y\" filename=run.exe"), Contains("run.exe"));
  EXPECT_THAT(readings_of(parse_parameters("filename=run.exe"), "filename"), Contains("run.exe"));
}

TEST(Parameters, CommentsAreReadByThoseWhoKnowThemAndThoseWhoDoNot) {
  EXPECT_THAT(names("filename (c)=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("filename=(c)run.exe"), IsSupersetOf({"run.exe"s, "(c)run.exe"s}));
  EXPECT_THAT(names("filename=run.exe(.txt)"), IsSupersetOf({"run.exe"s, "run.exe(.txt)"s}));
  EXPECT_THAT(names("x=(; filename=run.exe"), Contains("run.exe"));
  EXPECT_THAT(names("x=(; filename=run.exe; )"), Contains("run.exe"));
}

TEST(Parameters, MuchIsBounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "filename=" + std::to_string(i) + ".txt; ";
  EXPECT_TRUE(parse_parameters("x; " + many).cut);
  EXPECT_THAT(names(many), SizeIs(64));
  EXPECT_TRUE(parse_parameters("x; filename=" + std::string(100'000, 'x')).cut);
  // The ending is what a file is known by.
  const auto long_name = names("filename=\"" + std::string(5000, 'x') + ".exe\"");
  EXPECT_THAT(long_name, ElementsAre(EndsWith(".exe")));
  EXPECT_THAT(long_name.front(), SizeIs(1000));
  EXPECT_FALSE(parse_parameters("x; a=" + std::string(60'000, '(')).cut);
  EXPECT_THAT(raw_readings_of(parse_parameters("multipart/mixed; boundary=b; boundary=\"c d\""), "boundary"),
              ElementsAre("b", "c d"));
}

}  // namespace
}  // namespace mailreeve::scan
