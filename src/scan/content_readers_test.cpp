// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "scan/file_type.h"
#include "scan/html.h"
#include "scan/ole.h"
#include "scan/pdf.h"
#include "scan/report_codec.h"
#include "scan/scan.h"
#include "scan/words.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;
using namespace std::string_literals;

TEST(Words, AreDecodedAsPeopleSeeThem) {
  EXPECT_EQ(decode_words("=?utf-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?q?_aus_K=F6ln?=", 100),
            "Gr\xc3\xbc\xc3\x9f"
            "e aus K\xc3\xb6ln");
  EXPECT_EQ(decode_words("=?utf-8?b?w7w=?=\r\n =?utf-8?b?w7w=?= x", 100), "\xc3\xbc\xc3\xbc x");
  // A character split over two words, each in an encoding of its own.
  EXPECT_EQ(decode_words("=?utf-8?b?ww==?= =?UTF-8?q?=BC?=", 100), "\xc3\xbc");
  EXPECT_EQ(decode_words("=?utf-8?q?=C3?=\r\n =?utf-8?b?vA==?=x", 100), "\xc3\xbcx");
  // Half a letter of base64 is nothing; half a character is told.
  EXPECT_EQ(decode_words("=?utf-8?b?w?= =?utf-8?q?=BC?=", 100), "\xef\xbf\xbd");
  EXPECT_EQ(decode_words("=?utf-8?q?=C3?= =?iso-8859-1?q?=BC?=", 100), "\xef\xbf\xbd\xc2\xbc");
  EXPECT_EQ(decode_words("2 =? 3 ?= x", 100), "2 =? 3 ?= x");
  EXPECT_EQ(decode_words("=?utf-8?b?cnVu= =?utf-8?b?LmV4ZQ==?=", 100), "=?utf-8?b?cnVu= .exe");
  EXPECT_EQ(decode_words("=?utf-8?q?a=0D=0AX-Evil:_1?=", 100).find('\n'), std::string::npos);
}

TEST(Words, VeryManyBeginningsCostNoTime) {
  std::string value;
  for (int i = 0; i < 40'000; ++i) value += "=?x?q? ";
  EXPECT_THAT(decode_words(value, 100), SizeIs(100));
  EXPECT_EQ(decode_words(value, 1'000'000), value);
  EXPECT_THAT(decode_words(value + "?=", 1'000'000), testing::StartsWith("=?x?q? =?x?q?"));
}

TEST(FileTypes, NamesAreSeenAsWindowsSeesThem) {
  EXPECT_EQ(category_of_name("a.EXE"), "executable");
  EXPECT_EQ(category_of_name("a.exe. . "), "executable");
  EXPECT_EQ(category_of_name("a.exe:stream.txt"), "executable");
  EXPECT_EQ(category_of_name("a.exe\0.txt"s), "executable");
  EXPECT_EQ(category_of_name("C:\\x\\run.scr"), "screensaver");
  EXPECT_EQ(category_of_name("exe"), "");
  EXPECT_EQ(category_of_name("report.pdf"), "");
  EXPECT_TRUE(has_double_extension("invoice.pdf     .exe"));
  EXPECT_FALSE(has_double_extension("archive.tar.gz"));
  EXPECT_FALSE(has_double_extension("setup-1.2.exe"));
  EXPECT_TRUE(has_hidden_characters("a\xe2\x80\xaetxt.exe"));
  EXPECT_FALSE(
      has_hidden_characters("Gr\xc3\xbc\xc3\x9f"
                            "e.txt"));
}

TEST(FileTypes, ContentTellsWhatANameHides) {
  EXPECT_EQ(type_of("MZ" + std::string(100, '\0')), "exe");
  EXPECT_EQ(type_of("\x7f"
                    "ELF..."),
            "elf");
  EXPECT_EQ(type_of("#!/bin/sh\n"), "script");
  EXPECT_EQ(type_of(" \r\n<!-- x --><HTML>"), "html");
  EXPECT_EQ(type_of("hello"), "");
  EXPECT_EQ(category_of_type("lnk"), "shortcut");
  EXPECT_THAT(types_of("junk %PDF-1.4"), ElementsAre("pdf"));
  EXPECT_THAT(types_of("%PDF-1.4 ... PK\x05\x06" + std::string(18, '\0')), ElementsAre("pdf", "zip"));
}

TEST(Html, ShowsWhatPeopleReadAndWhereItLeads) {
  const auto look = read_html(
      "<title>T</title><style>x{}</style><p>Hello&nbsp;&#119;orld<!-- <a href='http://no.example'> -->"
      "<a href=\"http://x.example/?a=1&amp;b=2\">click <b>me</b></a><img src=//i.example/p.png alt=pic>",
      1000, 10);
  EXPECT_EQ(look.text, "T Hello worldclick me");
  ASSERT_THAT(look.links, SizeIs(2));
  EXPECT_EQ(look.links[0].url, "http://x.example/?a=1&b=2");
  EXPECT_EQ(look.links[0].shown, "click me");
  EXPECT_EQ(look.links[1].kind, Link::Kind::image);
  EXPECT_FALSE(look.script);
}

TEST(Html, TellsWhatWouldRun) {
  EXPECT_TRUE(read_html("<script>x</script>", 100, 10).script);
  EXPECT_TRUE(read_html("<img src=x onerror=go()>", 100, 10).script);
  EXPECT_TRUE(read_html("<a href=\"java\nscript:go()\">x</a>", 100, 10).script);
  EXPECT_TRUE(read_html("<a download=x href='data:application/zip;base64,AAAA'>x</a>", 100, 10).smuggling);
  EXPECT_TRUE(read_html("<form action=http://x.example><input type=password></form>", 100, 10).password);
  EXPECT_THAT(read_html("<meta http-equiv=refresh content=\"0; url='http://x.example/'\">", 100, 10).links,
              ElementsAre(Field(&HtmlLink::url, "http://x.example/")));
  EXPECT_FALSE(read_html("<p>if a < b then 1 <2</p>", 100, 10).script);
}

TEST(Ole, SourcesAreUnpackedAsTheSpecificationShows) {
  // [MS-OVBA] 3.2.2, 3.2.3: a normal compressed container, and one of maximal compression.
  const std::string normal{
      "\x01\x2F\xB0\x00\x23\x61\x61\x61\x62\x63\x64\x65\x82\x66\x00\x70\x61\x67\x68\x69\x6A\x01\x38\x08\x61\x6B\x6C\x00"
      "\x30\x6D\x6E"
      "\x6F\x70\x06\x71\x02\x70\x04\x10\x72\x73\x74\x75\x76\x10\x77\x78\x79\x7A\x00\x3C",
      51};
  EXPECT_EQ(decompress_vba(normal, 1000), "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa");
  EXPECT_EQ(decompress_vba({"\x01\x03\xB0\x02\x61\x45\x00", 7}, 1000), std::string(73, 'a'));
}

TEST(Documents, GarbageIsReadToItsEnd) {
  SeededRandom random{7};
  for (int round = 0; round < 300; ++round) {
    std::string bytes = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    for (int i = 0; i < 2000; ++i) bytes += static_cast<char>(random.below(256));
    bytes[30] = 9;
    bytes[31] = 0;
    look_at_ole(bytes);
    look_at_pdf("%PDF-1.4 /JS /ObjStm stream" + bytes);
    decompress_vba("\x01" + bytes, 10'000);
  }
  EXPECT_TRUE(look_at_ole("x").broken);
  EXPECT_TRUE(look_at_pdf("/J#61vaScript").javascript);
}

TEST(ReportCodec, WhatIsWrittenIsReadAndNothingElse) {
  const auto report = scan(
      "From: \"A\" <a@x.example>\r\nSubject: =?utf-8?q?=C3=BC?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
      "boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/html\r\n\r\n<a href=http://x.example>x</a>\r\n--b\r\nContent-Type: x/y; "
      "name=a.exe\r\n\r\nMZ\r\n--b--\r\n",
      {});
  EXPECT_THAT(report.items, SizeIs(1));
  const auto bytes = write_report(report);
  const auto again = read_report(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, report);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(read_report(bytes.substr(0, size))) << size;
  EXPECT_FALSE(read_report(bytes + "x"));
  SeededRandom random{3};
  for (int round = 0; round < 2000; ++round) {
    auto changed = bytes;
    changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    const auto read = read_report(changed);
    if (read) {
      EXPECT_LE(read->items.size(), changed.size());
    }
  }
}

}  // namespace
}  // namespace mailreeve::scan
