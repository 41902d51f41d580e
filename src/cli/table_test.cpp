// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::cli {
namespace {

using namespace std::chrono_literals;

constexpr WallTime now = WallTime{1'700'000'000'000ms};

web::QueueEntry entry() {
  web::QueueEntry entry;
  entry.id = "01HF7YAT00TESTTESTTESTTEST";
  entry.accepted = now - 5min;
  entry.size = 4300;
  entry.sender = "a@x.example";
  entry.client = "192.0.2.1";
  entry.helo = "client.example";
  entry.listener = "mx";
  entry.recipients = {{0, "b@y.example", "y.example", "queued", 2, now + 15min, "451 4.3.0 later", ""}};
  return entry;
}

TEST(QueueTable, IsAligned) {
  auto second = entry();
  second.sender.reset();
  second.recipients[0].state = "held";
  second.recipients[0].due.reset();
  second.recipients[0].reply = "";
  EXPECT_EQ(
      format_queue({entry(), second}, now),
      "ID                          AGE  SIZE  SENDER       RECIPIENT    STATE   ATTEMPTS  NEXT    LAST REPLY\n"
      "01HF7YAT00TESTTESTTESTTEST  5m   4.2K  a@x.example  b@y.example  queued  2         in 15m  451 4.3.0 later\n"
      "01HF7YAT00TESTTESTTESTTEST  5m   4.2K  <>           b@y.example  held    2         -\n");
}

TEST(QueueTable, SaysWhenItIsEmpty) { EXPECT_EQ(format_queue({}, now), "The queue is empty.\n"); }

TEST(QueueTable, ATerminalIsNotTakenOver) {
  auto hostile = entry();
  hostile.recipients[0].reply =
      "550 \x1b]0;owned\x07\r\n\xc2\x9b"
      "31m";
  const auto text = format_queue({hostile}, now) + format_message(hostile, now);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
  EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
}

TEST(QueueTable, OneMessageIsShownWithItsTimes) {
  const auto text = format_message(entry(), now);
  EXPECT_THAT(text, testing::HasSubstr("accepted  2023-11-14T22:08:20.000Z (5m ago)"));
  EXPECT_THAT(text, testing::HasSubstr("next attempt  2023-11-14T22:28:20.000Z (in 15m)"));
  EXPECT_THAT(text, testing::HasSubstr("last reply    451 4.3.0 later"));
}

TEST(QueueTable, WidthCountsCharacters) { EXPECT_EQ(format_table({{"ü", "x"}, {"ab", "y"}}), "ü   x\nab  y\n"); }

TEST(QueueTable, AgesAndSizesAreShort) {
  EXPECT_EQ(format_age(-1s), "0s");
  EXPECT_EQ(format_age(119s), "119s");
  EXPECT_EQ(format_age(2min), "2m");
  EXPECT_EQ(format_age(3h), "3h");
  EXPECT_EQ(format_age(72h), "3d");
  EXPECT_EQ(format_size(1023), "1023");
  EXPECT_EQ(format_size(1024), "1.0K");
  EXPECT_EQ(format_size(10'000'000), "9.5M");
  EXPECT_EQ(format_size(1024 * 1024 - 1), "1.0M");
}

}  // namespace
}  // namespace mailreeve::cli
