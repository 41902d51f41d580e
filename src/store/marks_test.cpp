// SPDX-License-Identifier: Apache-2.0
#include "store/marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/log.h"
#include "store/sqlite/marks.h"
#include "support/run.h"

namespace mailreeve::store {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

using support::run;

Task<bool> ended(Task<void> task) {
  co_await std::move(task);
  co_return true;
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "mailreeve-marks-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file() const { return path_ + "/counters.db"; }

 private:
  std::string path_;
};

/// Both kinds keep the same promise.
class MarksTest : public testing::TestWithParam<bool> {
 protected:
  MarksTest() { open(); }
  void open(std::size_t limit = 1'000'000) {
    marks_.reset();
    if (!GetParam()) {
      marks_ = make_memory_marks(limit);
      return;
    }
    auto opened = sqlite::open_marks(folder_.file(), *log_, limit);
    ASSERT_TRUE(opened) << opened.error().text;
    marks_ = std::move(*opened);
  }
  std::optional<Mark> find(const std::string& key, seconds after = seconds{0}) {
    return run(marks_->find(key, now_ + after));
  }
  Mark add(const std::string& key, std::int64_t amount, seconds after, seconds lifetime, bool prolong = false) {
    return run(marks_->add(key, amount, now_ + after, lifetime, prolong));
  }
  void put(const std::string& key, Mark mark) { run(ended(marks_->put(key, std::move(mark)))); }

  const WallTime now_ = SystemClock{}.now();
  std::unique_ptr<Logger> log_ = make_silent_logger();
  TemporaryFolder folder_;
  std::unique_ptr<Marks> marks_;
};

TEST_P(MarksTest, WhatIsAddedIsCounted) {
  EXPECT_FALSE(find("a:1"));
  EXPECT_EQ(add("a:1", 2, seconds{0}, seconds{60}).value, 2);
  EXPECT_EQ(add("a:1", 3, seconds{1}, seconds{60}).value, 5);
  EXPECT_EQ(add("a:1", -1, seconds{2}, seconds{60}).value, 4);
  EXPECT_EQ(find("a:1")->value, 4);
  EXPECT_FALSE(find("a:2"));
}

TEST_P(MarksTest, AMarkEndsWhenItsTimeIsOver) {
  add("a:1", 1, seconds{0}, seconds{60});
  EXPECT_TRUE(find("a:1", seconds{59}));
  EXPECT_FALSE(find("a:1", seconds{60}));
  EXPECT_EQ(add("a:1", 1, seconds{60}, seconds{60}).value, 1) << "and begins anew";
  EXPECT_EQ(find("a:1", seconds{61})->first, now_ + seconds{60});
}

TEST_P(MarksTest, UseProlongsOnlyWhereItShall) {
  add("a:1", 1, seconds{0}, seconds{60});
  add("a:1", 1, seconds{50}, seconds{60});
  EXPECT_FALSE(find("a:1", seconds{60}));
  add("b:1", 1, seconds{0}, seconds{60});
  add("b:1", 1, seconds{50}, seconds{60}, true);
  EXPECT_TRUE(find("b:1", seconds{109}));
  EXPECT_EQ(find("b:1", seconds{109})->first, now_);
}

TEST_P(MarksTest, WhatIsPutReplacesAndWhatIsErasedIsGone) {
  put("a:1", {7, now_, now_ + hours{1}, "why"});
  EXPECT_EQ(find("a:1")->text, "why");
  put("a:1", {8, now_, now_ + hours{2}, "other"});
  EXPECT_EQ(find("a:1", hours{1})->value, 8);
  run(ended(marks_->erase("a:1")));
  EXPECT_FALSE(find("a:1"));
  run(ended(marks_->erase("a:1")));
}

TEST_P(MarksTest, KeysMayHoldAnything) {
  const std::string odd{"a:\0\xff'\"\r\n%", 9};
  add(odd, 1, seconds{0}, seconds{60});
  EXPECT_TRUE(find(odd));
  EXPECT_FALSE(find("a:"));
}

TEST_P(MarksTest, OfTooManyTheNextToExpireGo) {
  open(1600);
  for (int i = 0; i < 400; ++i) put("keep:" + std::to_string(i), {1, now_, now_ + hours{100}, {}});
  for (int i = 0; i < 6'000; ++i) add("short:" + std::to_string(i), 1, seconds{0}, seconds{60 + i});
  int kept = 0;
  int left = 0;
  for (int i = 0; i < 400; ++i) kept += find("keep:" + std::to_string(i)) ? 1 : 0;
  for (int i = 0; i < 6'000; ++i) left += find("short:" + std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(kept, 400) << "what was to last is not driven out by what is soon over";
  EXPECT_LE(left, 1200);
  EXPECT_GT(left, 400);
  EXPECT_TRUE(find("short:5999"));
}

TEST_P(MarksTest, ExpiredOnesGoBeforeAnyOther) {
  open(1600);
  for (int i = 0; i < 5'000; ++i) add("old:" + std::to_string(i), 1, seconds{0}, seconds{10});
  for (int i = 0; i < 1000; ++i) add("new:" + std::to_string(i), 1, seconds{20}, seconds{5});
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += find("new:" + std::to_string(i), seconds{20}) ? 1 : 0;
  EXPECT_EQ(kept, 1000);
}

TEST_P(MarksTest, CountingAKnownOneDrivesNothingOut) {
  open(1600);
  for (int i = 0; i < 1200; ++i) add("a:" + std::to_string(i), 1, seconds{0}, seconds{60});
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1200; ++i) {
      if (find("a:" + std::to_string(i))) add("a:" + std::to_string(i), 1, seconds{0}, seconds{60});
    }
  }
  for (int i = 0; i < 1200; ++i) {
    if (const auto mark = find("a:" + std::to_string(i))) {
      EXPECT_EQ(mark->value, 4);
    }
  }
}

TEST_P(MarksTest, ManyThreadsLoseNoCount) {
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) add("a:" + std::to_string(i % 7), 1, seconds{0}, seconds{60});
    });
  }
  for (auto& thread : threads) thread.join();
  std::int64_t total = 0;
  for (int i = 0; i < 7; ++i) total += find("a:" + std::to_string(i))->value;
  EXPECT_EQ(total, 2000);
}

INSTANTIATE_TEST_SUITE_P(Kinds, MarksTest, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Durable" : "Memory"; });

class DurableMarksTest : public MarksTest {};

TEST_P(DurableMarksTest, OutliveARestart) {
  add("a:1", 5, seconds{0}, hours{1});
  put("b:1", {7, now_, now_ + hours{2}, "why"});
  add("gone:1", 1, seconds{0}, hours{1});
  run(ended(marks_->erase("gone:1")));
  const std::string odd{"c:\0\xff", 4};
  add(odd, 1, seconds{0}, hours{1});
  open();
  EXPECT_EQ(find("a:1")->value, 5);
  EXPECT_EQ(find("b:1")->text, "why");
  EXPECT_EQ(to_millis(find("b:1")->expires), to_millis(now_ + hours{2}));
  EXPECT_EQ(to_millis(find("b:1")->first), to_millis(now_));
  EXPECT_FALSE(find("gone:1"));
  EXPECT_TRUE(find(odd));
  add("a:1", 1, seconds{0}, hours{1});
  open();
  EXPECT_EQ(find("a:1")->value, 6);
}

TEST_P(DurableMarksTest, WhatIsOverIsSweptAtStart) {
  put("a:1", {1, now_ - hours{2}, now_ - hours{1}, {}});
  put("b:1", {1, now_, now_ + hours{1}, {}});
  open();
  EXPECT_FALSE(find("a:1", -hours{2})) << "not kept at all";
  EXPECT_TRUE(find("b:1"));
}

TEST_P(DurableMarksTest, AFileThatIsNoneIsAnErrorWithItsName) {
  marks_.reset();
  std::filesystem::remove(folder_.file() + "-wal");
  std::filesystem::resize_file(folder_.file(), 0);
  if (auto* file = std::fopen(folder_.file().c_str(), "w")) {
    std::fputs(std::string(5000, 'x').c_str(), file);
    std::fclose(file);
  }
  const auto opened = sqlite::open_marks(folder_.file(), *log_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, testing::HasSubstr("counters.db"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, DurableMarksTest, testing::Values(true));

}  // namespace
}  // namespace mailreeve::store
