// SPDX-License-Identifier: Apache-2.0
#include "base/log_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace mailreeve {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr WallTime start = WallTime{} + 24h * 20'000;

TEST(LogTail, LinesAreFoundByAnyOfTheWords) {
  LogTail tail{1U << 20, start};
  tail.append("{\"id\":\"A1\",\"sender\":\"x\"}\n", start);
  tail.append("{\"id\":\"B2\"}\n", start);
  tail.append("A1 again and A1\n", start);
  tail.append("C3 with A1\n", start);
  EXPECT_THAT(tail.lines_with({"A1"}, 10),
              ElementsAre("{\"id\":\"A1\",\"sender\":\"x\"}", "A1 again and A1", "C3 with A1"));
  EXPECT_THAT(tail.lines_with({"C3", "B2"}, 10), ElementsAre("{\"id\":\"B2\"}", "C3 with A1"));
  EXPECT_THAT(tail.lines_with({"A1"}, 2), ElementsAre("A1 again and A1", "C3 with A1")) << "the last ones";
  EXPECT_THAT(tail.lines_with({"zz", ""}, 2), IsEmpty());
}

TEST(LogTail, TheOldestGoAndItSaysSo) {
  LogTail tail{2 * LogTail::block_size, start};
  EXPECT_EQ(tail.since(), start);
  const std::string padding(1000, '.');
  int number = 0;
  for (; number < 1000; ++number) tail.append("id" + std::to_string(number) + padding + "\n", start + 1s * number);
  EXPECT_THAT(tail.lines_with({"id999"}, 10), SizeIs(1));
  EXPECT_THAT(tail.lines_with({"id0."}, 10), IsEmpty());
  EXPECT_GT(tail.since(), start);
  EXPECT_LT(tail.since(), start + 1s * number);
  EXPECT_THAT(tail.lines_with({"id"}, 5000), SizeIs(testing::AllOf(testing::Gt(50U), testing::Lt(140U))));
}

TEST(LogTail, ReadersAndWritersDoNotDisturbOneAnother) {
  LogTail tail{4 * LogTail::block_size, start};
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    for (int i = 0; i < 20'000; ++i) tail.append("line of X1 " + std::to_string(i) + "\n", start);
    done = true;
  }};
  while (!done) {
    for (const auto& line : tail.lines_with({"X1"}, 100)) ASSERT_EQ(line.substr(0, 11), "line of X1 ");
  }
  writer.join();
  EXPECT_EQ(tail.lines_with({"X1"}, 1).front(), "line of X1 19999");
}

}  // namespace
}  // namespace mailreeve
