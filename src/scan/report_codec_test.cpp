// SPDX-License-Identifier: Apache-2.0
#include "scan/report_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::Field;
using testing::SizeIs;
using namespace std::string_literals;

/// Everything in it, with what a hostile message would put there.
ContentReport hostile() {
  const auto odd = "\0\x01\xff\xfe\r\n\xe2\x80\xae!\"\\"s;
  ContentReport report;
  report.notes = {{"mime.ambiguous", odd, odd}, {"", "", ""}, {std::string(70'000, 'n'), "1", "x"}};
  Item item;
  item.place = "2!a.zip!" + odd;
  item.names = {odd, "", std::string(5000, 'x')};
  item.declared = "application/" + odd;
  item.type = "zip";
  item.size = ~std::uint64_t{0};
  item.depth = ~std::uint32_t{0};
  item.offered = true;
  item.encrypted = true;
  item.categories = {"archive", odd};
  report.items = {item, Item{}};
  for (const auto kind : {Link::Kind::text, Link::Kind::anchor, Link::Kind::form, Link::Kind::image,
                          Link::Kind::refresh, Link::Kind::base, Link::Kind::other}) {
    report.links.push_back({kind, odd, "", odd, "1"});
  }
  report.link_count = 4'000'000'000U;
  report.subject = odd;
  report.from = {{odd, odd}, {"", ""}};
  report.reply_to = {{"", odd}};
  report.languages = {{"de", 99}, {odd, ~std::uint32_t{0}}};
  report.text = std::string(600'000, 't') + odd;
  return report;
}

TEST(ReportCodec, HostileDataComesBackAsItWas) {
  const auto report = hostile();
  const auto again = read_report(write_report(report));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, report);
  EXPECT_EQ(*read_report(write_report({})), ContentReport{});
}

TEST(ReportCodec, LengthsThatLieAreRefused) {
  auto report = hostile();
  report.text = "the end";
  report.notes.resize(1);
  const auto bytes = write_report(report);
  // Every number in turn becomes huge: a count, a length, or a value. None may make us ask for that much memory.
  for (std::size_t at = 0; at + 8 <= bytes.size(); ++at) {
    for (const auto value :
         {~std::uint64_t{0}, std::uint64_t{1} << 62U, std::uint64_t{0x7fffffff}, std::uint64_t{bytes.size()}}) {
      auto changed = bytes;
      changed.replace(at, 8, reinterpret_cast<const char*>(&value), 8);
      const auto read = read_report(changed);
      if (read) {
        EXPECT_LE(read->items.size() + read->notes.size() + read->links.size(), bytes.size());
      }
    }
  }
  EXPECT_FALSE(read_report(""));
  EXPECT_FALSE(read_report(std::string(report_limit + 1, '\0')));
  auto other_version = bytes;
  other_version[0] = 99;
  EXPECT_FALSE(read_report(other_version));
}

TEST(ReportCodec, GarbageIsRefusedOrBounded) {
  SeededRandom random{5};
  for (int round = 0; round < 3000; ++round) {
    std::string bytes{"\1\0\0\0\0\0\0\0"s};
    for (int i = 0; i < 200; ++i) bytes += static_cast<char>(random.below(8) == 0 ? random.below(256) : 0);
    const auto read = read_report(bytes);
    if (read) {
      EXPECT_LE(read->items.size(), bytes.size());
    }
  }
}

TEST(ReportCodec, WhatIsTooLongIsCutAndToldAndWhatIsDangerousIsKept) {
  ContentReport report;
  report.text = std::string(512U << 10U, 't');
  report.subject = "still there";
  report.notes.push_back({"mime.ambiguous", "1", "x"});
  for (int i = 0; i < 1000; ++i)
    report.links.push_back(
        {Link::Kind::anchor, std::string(2000, 'u'), "host", std::string(200, 's'), std::string(600, 'p')});
  for (int i = 0; i < 5000; ++i) {
    Item item;
    item.place = std::string(600, 'p');
    item.names = {std::string(300, 'n'), std::string(300, 'm')};
    if (i % 1000 == 999) item.categories = {"executable"};
    report.items.push_back(std::move(item));
  }
  const auto bytes = write_report(report);
  EXPECT_LE(bytes.size(), report_limit);
  const auto read = read_report(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->subject, "still there");
  EXPECT_THAT(read->notes, Contains(Field(&Note::code, "mime.ambiguous")));
  EXPECT_THAT(read->notes, Contains(Field(&Note::code, "scan.limit.report")));
  EXPECT_GE(std::ranges::count_if(read->items, [](const Item& item) { return !item.categories.empty(); }), 5);
}

TEST(ReportCodec, AReportOfTheLargestSizeIsNotCut) {
  ContentReport report;
  report.text = std::string(report_limit - write_report(report).size(), 't');
  EXPECT_THAT(write_report(report), SizeIs(report_limit));
  EXPECT_EQ(*read_report(write_report(report)), report);
}

}  // namespace
}  // namespace mailreeve::scan
