// SPDX-License-Identifier: Apache-2.0
// Every file of the outside suites as if it were a message: its preview is bounded, readable and harmless.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "scan/preview.h"
#include "scan/report_codec.h"
#include "support/safe_html.h"

namespace mailreeve::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest = 4U << 20;

std::vector<fs::path> files() {
  std::vector<fs::path> all;
  const fs::path suites{MAILREEVE_SUITES_DIR};
  if (!fs::exists(suites)) return all;
  for (const auto& entry : fs::recursive_directory_iterator{suites}) {
    if (entry.is_regular_file() && entry.file_size() <= largest) all.push_back(entry.path());
  }
  return all;
}

void expect_readable(const std::string& text, std::size_t most) {
  EXPECT_LE(text.size(), most);
  EXPECT_EQ(text, clean_lines(text, most));
}

void expect_sound(const Preview& preview) {
  const PreviewLimits limits;
  EXPECT_EQ(support::problem_of_html(preview.html), "");
  EXPECT_LE(preview.html.size(), limits.html.html + limits.html.pictures * 2);
  expect_readable(preview.text, limits.text);
  expect_readable(preview.raw_header, limits.raw_header);
  for (const auto& field : preview.headers) expect_readable(field.value, limits.field);
  EXPECT_LE(preview.attachments.size(), limits.attachments);
  for (const auto& item : preview.attachments) {
    for (const auto& name : item.names) expect_readable(name, limits.field);
  }
  EXPECT_LE(preview.links.size(), limits.html.links);
  for (const auto& link : preview.links) expect_readable(link.shown + link.url + link.host, limits.field);
  const auto bytes = write_preview(preview);
  EXPECT_LE(bytes.size(), report_limit);
  const auto again = read_preview(bytes);
  EXPECT_TRUE(again && *again == preview);
}

TEST(PreviewSuites, EveryFileHasASoundPreview) {
  const auto all = files();
  if (all.empty()) GTEST_SKIP() << "no suites in " << MAILREEVE_SUITES_DIR;
  std::size_t with_text = 0;
  for (const auto& path : all) {
    SCOPED_TRACE(path.string());
    std::ifstream file{path, std::ios::binary};
    const std::string message{std::istreambuf_iterator<char>{file}, {}};
    const auto preview = preview_of(message);
    expect_sound(preview);
    if (!preview.text.empty()) ++with_text;
    // The same octets as a page.
    expect_sound(preview_of("MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + message));
  }
  EXPECT_GT(with_text, all.size() / 4);
}

}  // namespace
}  // namespace mailreeve::scan
