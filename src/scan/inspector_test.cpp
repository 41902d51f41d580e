// SPDX-License-Identifier: Apache-2.0
// What of a message comes into the report, when there is much of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "scan/report_codec.h"
#include "scan/scan.h"

namespace mailreeve::scan {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

constexpr std::size_t text_limit = 512U << 10U;

std::string little(std::uint64_t value, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

std::uint64_t sum_of(const std::string& bytes) {
  return ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
}

/// Empty files of these names, stored.
std::string zip_of(const std::vector<std::string>& names) {
  std::string out, directory;
  for (const auto& name : names) {
    const auto common = little(20, 2) + little(0, 2) + little(0, 2) + little(0x21, 4) + std::string(12, '\0') +
                        little(name.size(), 2) + little(0, 2);
    directory += "PK\1\2"s + little(20, 2) + common + std::string(10, '\0') + little(out.size(), 4) + name;
    out += "PK\3\4"s + common + name;
  }
  return out + directory + "PK\5\6"s + little(0, 4) + little(names.size(), 2) + little(names.size(), 2) +
         little(directory.size(), 4) + little(out.size(), 4) + little(0, 2);
}

ContentReport scan_zip(const std::vector<std::string>& names) {
  return scan(
      "From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name=a.zip\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n" +
          zip_of(names),
      {});
}

ContentReport scan_text(const std::string& text, const std::string& type = "text/plain; charset=utf-8") {
  return scan("From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: " + type +
                  "\r\nContent-Transfer-Encoding: binary\r\n\r\n" + text,
              {});
}

bool names(const ContentReport& report, std::string_view name, std::string_view category) {
  return std::ranges::any_of(report.items, [&](const Item& item) {
    return std::ranges::find(item.names, name) != item.names.end() &&
           std::ranges::find(item.categories, category) != item.categories.end();
  });
}

TEST(Inspector, ManyHarmlessFilesPushNoDangerousOneOut) {
  for (const int before : {0, 500, 998, 999, 1000, 1001, 3000}) {
    std::vector<std::string> files;
    for (int i = 0; i < before; ++i) files.push_back(std::to_string(i) + ".txt");
    files.emplace_back("run.exe");
    for (int i = 0; i < 1500; ++i) files.push_back(std::to_string(i) + ".jpg");
    const auto report = scan_zip(files);
    EXPECT_TRUE(names(report, "run.exe", "executable")) << before;
    EXPECT_TRUE(names(report, "a.zip", "archive"));
    EXPECT_LE(report.items.size(), 1100U);
  }
}

TEST(Inspector, ManyDangerousFilesOfOneKindPushNoOtherOut) {
  std::vector<std::string> files;
  for (int i = 0; i < 2500; ++i) files.push_back(std::to_string(i) + ".html");
  files.emplace_back("run.exe");
  for (int i = 0; i < 2500; ++i) files.push_back(std::to_string(i) + ".js");
  files.emplace_back("a.lnk");
  files.emplace_back("last.txt");
  const auto report = scan_zip(files);
  EXPECT_TRUE(names(report, "run.exe", "executable"));
  EXPECT_TRUE(names(report, "a.lnk", "shortcut"));
  EXPECT_LE(report.items.size(), 1300U);
}

TEST(Inspector, PlacesHaveAnEnd) {
  auto inner = zip_of({"run.exe"});
  const std::string name(250, 'n');
  for (int i = 0; i < 20; ++i) {
    // Stored as it is: the one member's sizes and the directory's place follow from its length.
    const auto common = little(20, 2) + little(0, 2) + little(0, 2) + little(0x21, 4) + little(sum_of(inner), 4) +
                        little(inner.size(), 4) + little(inner.size(), 4) + little(name.size() + 4, 2) + little(0, 2);
    const auto head = "PK\3\4"s + common + name + ".zip" + inner;
    const auto directory = "PK\1\2"s + little(20, 2) + common + std::string(10, '\0') + little(0, 4) + name + ".zip";
    inner = head + directory + "PK\5\6"s + little(0, 4) + little(1, 2) + little(1, 2) + little(directory.size(), 4) +
            little(head.size(), 4) + little(0, 2);
  }
  const auto report = scan(
      "From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name=a.zip\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n" +
          inner,
      {});
  EXPECT_TRUE(names(report, "run.exe", "executable"));
  for (const auto& item : report.items) EXPECT_LE(item.place.size(), 600U);
}

TEST(Inspector, TextIsKeptUpToItsLimit) {
  const std::string filler(text_limit - 100, 'x');
  EXPECT_THAT(scan_text(filler + " needle").text, HasSubstr("needle"));
  const auto report = scan_text(filler + std::string(200, 'y') + " needle");
  EXPECT_EQ(report.text.size(), text_limit);
  EXPECT_THAT(report.text, Not(HasSubstr("needle")));
  EXPECT_LE(write_report(report).size(), report_limit);
}

TEST(Inspector, WhiteSpacePushesNoTextOut) {
  const std::string blanks(800'000, ' ');
  EXPECT_THAT(scan_text("a" + blanks + "needle").text, EndsWith("a needle"));
  EXPECT_THAT(scan_text("<p>a" + blanks + "needle", "text/html").text, EndsWith("a needle"));
  EXPECT_THAT(scan_text("a" + std::string(400'000, '\n') + "needle").text, EndsWith("a needle"));
}

TEST(Inspector, TextIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < text_limit + 100) text += "\xe2\x82\xac";
  const auto kept = scan_text("a" + text).text;
  EXPECT_LE(kept.size(), text_limit);
  EXPECT_GT(kept.size(), text_limit - 4);
  EXPECT_EQ(clean_text(kept, kept.size()), kept);
  EXPECT_THAT(kept, Not(HasSubstr("\xef\xbf\xbd")));
}

TEST(Inspector, EveryShownPartIsText) {
  const auto report = scan(
      "From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nplain words\r\n"
      "--b\r\nContent-Type: text/html\r\n\r\n<b>rich</b> words\r\n--b--\r\n",
      {});
  EXPECT_EQ(report.text.substr(0, 22), "plain words rich words");
}

}  // namespace
}  // namespace mailreeve::scan
