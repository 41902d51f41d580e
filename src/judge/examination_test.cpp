// SPDX-License-Identifier: Apache-2.0
#include "judge/examination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "support/check_fixture.h"

namespace mailreeve::judge {
namespace {

using namespace std::chrono_literals;
using support::LogKeeper;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return from_millis(1'700'000'000'000); }
  SteadyTime steady() const override { return SteadyTime{} + 1h + offset; }
  std::chrono::milliseconds offset{0};
};

class CountingDns final : public dns::Resolver {
 public:
  Task<dns::Shared> ask(std::string, dns::Type) override {
    ++asked;
    co_return answer;
  }
  std::size_t asked = 0;
  dns::Shared answer = std::make_shared<const dns::RawAnswer>(dns::RawAnswer{dns::Status::no_data, false, {}, {}});
};

class TestCheck : public Check {
 public:
  explicit TestCheck(std::string_view name, Stage stage = Stage::message) { info_ = {name, stage, "?", "", {}}; }
  const CheckInfo& info() const override { return info_; }

 private:
  CheckInfo info_;
};

class Finds final : public TestCheck {
 public:
  using TestCheck::TestCheck;
  Task<Findings> run(Facts&, const CheckContext&) const override {
    co_return Findings{{std::string{info().name} + ".found", 1.0, "seen", {}}};
  }
};

class Throws final : public TestCheck {
 public:
  using TestCheck::TestCheck;
  Task<Findings> run(Facts&, const CheckContext& context) const override {
    co_await context.dns.ask("before.example", dns::Type::a);
    throw std::runtime_error{"a bug"};
  }
};

/// Ends when the test says so.
class Waits final : public TestCheck {
 public:
  using TestCheck::TestCheck;
  Task<Findings> run(Facts& facts, const CheckContext&) const override {
    co_await wait_for<bool>([this](Done<bool> done) { release = std::move(done); });
    facts.size = 4711;
    ended = true;
    co_return Findings{{"waits.found", 1.0, "late", {}}};
  }
  mutable Done<bool> release;
  mutable bool ended = false;
};

/// Asks as often as it is told; the clock goes on with each question.
class Asks final : public TestCheck {
 public:
  Asks(std::string_view name, Stage stage, std::size_t questions, MovedClock& clock, std::chrono::milliseconds each)
      : TestCheck{name, stage}, questions_{questions}, clock_{clock}, each_{each} {}
  Task<Findings> run(Facts&, const CheckContext& context) const override {
    for (std::size_t i = 0; i < questions_; ++i) {
      const auto answer = co_await context.dns.ask("n" + std::to_string(i) + ".example", dns::Type::a);
      if (answer->status == dns::Status::timeout) ++timeouts;
      clock_.offset += each_;
    }
    co_return Findings{};
  }
  mutable std::size_t timeouts = 0;

 private:
  std::size_t questions_;
  MovedClock& clock_;
  std::chrono::milliseconds each_;
};

class ExaminationTest : public testing::Test {
 protected:
  /// The check stays ours to look at; the examination keeps it.
  template <class T, class... Arguments>
  T& add(Arguments&&... arguments) {
    auto check = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    auto& kept = *check;
    checks_->push_back(std::move(check));
    return kept;
  }
  void examine() {
    facts_ = std::make_shared<Facts>();
    examination_ =
        std::make_unique<Examination>(services_, spawner_, checks_, std::make_shared<const OwnNames>(), facts_);
  }
  std::vector<std::string> codes() const {
    std::vector<std::string> all;
    for (const auto& finding : examination_->findings()) all.push_back(finding.code);
    return all;
  }
  static Task<bool> settled(Examination& examination) {
    co_await examination.settle();
    co_return true;
  }
  void run(Stage stage) {
    examination_->begin(stage);
    EXPECT_TRUE(spawner_.run(settled(*examination_)));
  }
  static Task<void> note_settled(Examination& examination, bool& done) {
    co_await examination.settle();
    done = true;
  }
  /// Until a check waits for its release.
  static Task<bool> reached(support::TestSpawner& spawner, const Waits& check) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!check.release) {
      if (std::chrono::steady_clock::now() > deadline) co_return false;
      co_await spawner.sleep(1ms);
    }
    co_return true;
  }
  static Task<bool> ended(support::TestSpawner& spawner, const bool& flag) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!flag) {
      if (std::chrono::steady_clock::now() > deadline) co_return false;
      co_await spawner.sleep(1ms);
    }
    co_return true;
  }

  MovedClock clock_;
  CountingDns dns_;
  LogKeeper log_;
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  ExaminationServices services_{dns_, *marks_, nullptr, clock_, log_};
  support::TestSpawner spawner_;
  std::shared_ptr<Examination::Checks> checks_ = std::make_shared<Examination::Checks>();
  std::shared_ptr<Facts> facts_;
  std::unique_ptr<Examination> examination_;
};

TEST_F(ExaminationTest, ChecksOfAStageRunAndSayWhoTheyAre) {
  add<Finds>("one");
  add<Finds>("two");
  add<Finds>("early", Stage::connect);
  examine();
  run(Stage::message);
  EXPECT_THAT(codes(), UnorderedElementsAre("one.found", "two.found"));
  for (const auto& finding : examination_->findings()) EXPECT_EQ(finding.code, finding.check + ".found");
  EXPECT_THAT(examination_->timings(), SizeIs(2));
  run(Stage::connect);
  EXPECT_THAT(codes(), UnorderedElementsAre("one.found", "two.found", "early.found"));
}

TEST_F(ExaminationTest, AStageWithoutChecksIsSettledAtOnce) {
  examine();
  run(Stage::closing);
  EXPECT_THAT(codes(), IsEmpty());
}

TEST_F(ExaminationTest, ACheckThatThrowsIsToldInTheLogAndSpoilsNothing) {
  add<Throws>("broken");
  add<Finds>("fine");
  examine();
  run(Stage::message);
  EXPECT_THAT(codes(), ElementsAre("fine.found"));
  ASSERT_THAT(log_.lines, SizeIs(1));
  EXPECT_EQ(log_.lines[0].level, LogLevel::error);
  EXPECT_EQ(log_.lines[0].event, "check");
  EXPECT_THAT(examination_->timings(), SizeIs(2));
}

TEST_F(ExaminationTest, SettlingWaitsForTheLast) {
  add<Finds>("quick");
  const auto& slow = add<Waits>("slow");
  examine();
  examination_->begin(Stage::message);
  bool done = false;
  spawner_.spawn("settle", note_settled(*examination_, done));
  ASSERT_TRUE(spawner_.run(reached(spawner_, slow)));
  EXPECT_FALSE(done);
  EXPECT_THAT(codes(), ElementsAre("quick.found"));
  slow.release(true);
  ASSERT_TRUE(spawner_.run(ended(spawner_, done)));
  EXPECT_THAT(codes(), ElementsAre("quick.found", "waits.found"));
  EXPECT_EQ(facts_->size, 4711U);
}

TEST_F(ExaminationTest, WhoDropsItIsNotWaitedForAndTheCheckEndsUnheard) {
  const auto& slow = add<Waits>("slow");
  examine();
  examination_->begin(Stage::message);
  ASSERT_TRUE(spawner_.run(reached(spawner_, slow)));
  const std::weak_ptr<Facts> facts = facts_;
  facts_.reset();
  examination_.reset();
  EXPECT_FALSE(facts.expired()) << "the check still writes there";
  slow.release(true);
  ASSERT_TRUE(spawner_.run(ended(spawner_, slow.ended)));
  slow.release = nullptr;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!facts.expired() && std::chrono::steady_clock::now() < deadline) spawner_.run(ended(spawner_, slow.ended));
  EXPECT_TRUE(facts.expired()) << "and then nothing is left of it";
}

TEST_F(ExaminationTest, QuestionsHaveALimit) {
  const auto& many = add<Asks>("many", Stage::message, question_limit + 50, clock_, 0ms);
  examine();
  run(Stage::message);
  EXPECT_EQ(dns_.asked, question_limit);
  EXPECT_EQ(many.timeouts, 50U);
  EXPECT_EQ(examination_->questions(), question_limit + 50);
}

TEST_F(ExaminationTest, TheLimitIsForAllStagesTogether) {
  const auto& first = add<Asks>("first", Stage::mail, question_limit - 10, clock_, 0ms);
  const auto& second = add<Asks>("second", Stage::message, 30, clock_, 0ms);
  examine();
  run(Stage::mail);
  run(Stage::message);
  EXPECT_EQ(first.timeouts, 0U);
  EXPECT_EQ(second.timeouts, 20U);
}

TEST_F(ExaminationTest, AskingHasATimeAndEachStageBeginsItAnew) {
  // A question a second: those after the budget are not asked.
  const auto& first = add<Asks>("first", Stage::mail, 30, clock_, 1000ms);
  const auto& second = add<Asks>("second", Stage::message, 10, clock_, 1000ms);
  examine();
  run(Stage::mail);
  EXPECT_EQ(dns_.asked, 16U);
  EXPECT_EQ(first.timeouts, 14U);
  run(Stage::message);
  EXPECT_EQ(second.timeouts, 0U);
  EXPECT_EQ(dns_.asked, 26U);
}

TEST_F(ExaminationTest, WhatWasAskedIsRemembered) {
  add<Asks>("some", Stage::message, 3, clock_, 0ms);
  examine();
  run(Stage::message);
  std::vector<std::string> names;
  for (const auto& entry : examination_->look_ups()) names.push_back(entry.name);
  EXPECT_THAT(names, ElementsAre("n0.example", "n1.example", "n2.example"));
}

TEST_F(ExaminationTest, OthersMayAddFindings) {
  examine();
  examination_->add({"rate.limit", 2.0, "too many", "rate"});
  EXPECT_THAT(codes(), ElementsAre("rate.limit"));
  EXPECT_EQ(&examination_->facts(), facts_.get());
}

}  // namespace
}  // namespace mailreeve::judge
