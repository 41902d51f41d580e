// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gtest/gtest.h>

#include <limits>

namespace mailreeve {
namespace {

constexpr std::string_view when = "2026-11-20T22:15:00.123Z";

std::string json(const std::vector<Field>& fields) {
  return format_log_line(LogFormat::json, when, LogLevel::info, "mail", fields);
}
std::string text(const std::vector<Field>& fields) {
  return format_log_line(LogFormat::text, when, LogLevel::info, "mail", fields);
}

TEST(LogLine, IsJson) {
  EXPECT_EQ(json({{"to", "a@b"}, {"size", 12}, {"tls", true}, {"s", 0.5}, {"l", std::vector<std::string>{"x", "y"}}}),
            R"({"time":"2026-11-20T22:15:00.123Z","level":"info","event":"mail","to":"a@b","size":12,"tls":true,)"
            R"("s":0.5,"l":["x","y"]})");
  EXPECT_NE(json({{"x", std::numeric_limits<double>::infinity()}}).find(R"("x":null)"), std::string::npos);
}

TEST(LogLine, IsTextWithQuotesOnlyWhereNeeded) {
  EXPECT_EQ(text({{"to", "a@b"}, {"why", "two words"}, {"none", ""}}),
            R"(2026-11-20T22:15:00.123Z info mail to=a@b why="two words" none="")");
}

TEST(LogLine, NoByteFromOutsideEndsTheLineOrReachesTheTerminal) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  every += "\xc2\x9b\xe2\x80\xa8\xe2\x80\xae";  // C1 CSI, line separator, right-to-left override
  for (const auto& line : {json({{"x", every}, {every, "y"}}), text({{"x", every}, {every, "y"}})}) {
    for (const char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
    EXPECT_EQ(line.find("\xe2\x80\xa8"), std::string::npos);
    EXPECT_EQ(line.find("\xe2\x80\xae"), std::string::npos);
  }
}

TEST(LogLine, EscapesAndRepairs) {
  const auto value = [](std::string_view raw) {
    const auto line = json({{"x", raw}});
    return line.substr(line.find("\"x\":") + 4);
  };
  EXPECT_EQ(value("a\"b\\c\nd\re\tf\x1bg"), R"("a\"b\\c\nd\re\tf\u001bg"})");
  EXPECT_EQ(value("Gr\xc3\xbc\xc3\x9f"), "\"Gr\xc3\xbc\xc3\x9f\"}");
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(value("\xff"), "\"" + bad + "\"}");
  EXPECT_EQ(value("\xc3"), "\"" + bad + "\"}");
  EXPECT_EQ(value("\xc0\xaf"), "\"" + bad + bad + "\"}");            // overlong
  EXPECT_EQ(value("\xed\xa0\x80"), "\"" + bad + bad + bad + "\"}");  // surrogate
  EXPECT_EQ(value("\xf4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"}");
}

TEST(LogLine, AValueCannotPassForAnotherField) {
  EXPECT_EQ(text({{"helo", "x verdict=accept"}}).find("verdict=accept\""),
            text({{"helo", "x verdict=accept"}}).size() - 15);
  EXPECT_NE(text({{"helo", "a=b"}}).find("helo=\"a=b\""), std::string::npos);
}

}  // namespace
}  // namespace mailreeve

namespace mailreeve {
namespace {

TEST(Field, KeepsATemporaryUntilTheLineIsWritten) {
  const std::vector<Field> fields{{"id", std::string(100, 'a') + "tail"}, {"n", 1}};
  const auto line = format_log_line(LogFormat::json, "t", LogLevel::info, "e", fields);
  EXPECT_NE(line.find("aatail\""), std::string::npos) << line;
}

}  // namespace
}  // namespace mailreeve
