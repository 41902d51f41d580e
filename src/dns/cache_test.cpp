// SPDX-License-Identifier: Apache-2.0
#include "dns/cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "support/run.h"

namespace mailreeve::dns {
namespace {

using namespace std::chrono_literals;

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return WallTime{std::chrono::duration_cast<std::chrono::milliseconds>(offset)}; }
  SteadyTime steady() const override { return SteadyTime{} + 1h + offset; }
  std::chrono::seconds offset{0};
};

/// Answers what the test says; holds questions back while `gate` is closed.
class Scripted final : public Resolver {
 public:
  Task<Shared> ask(std::string name, Type) override {
    asked.push_back(name);
    if (held) {
      auto late = co_await wait_for<Shared>([this](Done<Shared> done) { waiting.push_back(std::move(done)); });
      if (!late) throw std::runtime_error{"no answer"};
      co_return late;
    }
    co_return answer;
  }
  void say(Status status, std::chrono::seconds ttl) {
    answer = std::make_shared<const RawAnswer>(RawAnswer{status, false, {}, ttl});
  }
  std::vector<std::string> asked;
  std::vector<Done<Shared>> waiting;
  Shared answer = std::make_shared<const RawAnswer>(RawAnswer{Status::found, false, {"x"}, 300s});
  bool held = false;
};

class CacheTest : public testing::Test {
 protected:
  CacheTest() {
    auto inner = std::make_unique<Scripted>();
    inner_ = inner.get();
    CacheOptions options;
    options.entries = 1600;
    cache_ = make_cache(std::move(inner), options, clock_, *log_);
  }
  Status ask(const std::string& name, Type type = Type::a) { return support::run(cache_->ask(name, type))->status; }
  std::size_t asked() const { return inner_->asked.size(); }

  MovedClock clock_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Scripted* inner_ = nullptr;
  std::unique_ptr<Resolver> cache_;
};

TEST_F(CacheTest, WhatIsKnownIsNotAskedAgainHoweverItIsWritten) {
  ask("mx.example.org");
  ask("MX.Example.ORG");
  ask("mx.example.org.");
  EXPECT_EQ(asked(), 1U);
  ask("mx.example.org", Type::aaaa);
  EXPECT_EQ(asked(), 2U);
}

TEST_F(CacheTest, AnAnswerIsBelievedForItsTtlWithinBounds) {
  const auto lives = [&](Status status, std::chrono::seconds ttl, const std::string& name) {
    inner_->say(status, ttl);
    const auto begun = clock_.offset;
    const auto before = asked();
    ask(name);
    auto life = 0s;
    for (const auto step : {4s, 6s, 29s, 31s, 299s, 301s, 3599s, 3601s, 86'399s, 86'401s}) {
      clock_.offset = begun + step;
      ask(name);
      if (asked() > before + 1) break;
      life = step;
    }
    return life;
  };
  EXPECT_EQ(lives(Status::found, 300s, "usual.example"), 299s);
  EXPECT_EQ(lives(Status::found, 0s, "zero.example"), 29s);
  EXPECT_EQ(lives(Status::found, 1'000'000s, "endless.example"), 86'399s);
  EXPECT_EQ(lives(Status::no_name, 1'000'000s, "nobody.example"), 3599s);
  EXPECT_EQ(lives(Status::servfail, 1'000'000s, "broken.example"), 4s);
}

/// Several who ask the same while the first is still waiting.
struct Crowd {
  static constexpr int size = 5;
  int begun = 0, ended = 0, thrown = 0;
  std::vector<Status> answers;

  static Task<void> ask(Resolver& cache, Crowd& crowd) {
    ++crowd.begun;
    try {
      const auto answer = co_await cache.ask("mx.example.org", Type::a);
      crowd.answers.push_back(answer->status);
    } catch (const std::exception&) {
      ++crowd.thrown;
    }
    ++crowd.ended;
  }
  /// All ask, then the one question that went out is answered. On one thread: who has begun has joined.
  static Task<bool> run(Resolver& cache, Scripted& inner, Crowd& crowd, support::TestSpawner& spawner) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (int i = 0; i < size; ++i) spawner.spawn("ask", ask(cache, crowd));
    while (crowd.begun < size || inner.waiting.empty()) {
      if (std::chrono::steady_clock::now() > deadline) co_return false;
      co_await spawner.sleep(1ms);
    }
    for (const auto& done : std::exchange(inner.waiting, {})) done(inner.answer);
    while (crowd.ended < size) {
      if (std::chrono::steady_clock::now() > deadline) co_return false;
      co_await spawner.sleep(1ms);
    }
    co_return true;
  }
};

TEST_F(CacheTest, WhoAsksTheSameMeanwhileWaitsForTheOneAnswer) {
  inner_->held = true;
  Crowd crowd;
  support::TestSpawner spawner;
  ASSERT_TRUE(spawner.run(Crowd::run(*cache_, *inner_, crowd, spawner)));
  EXPECT_EQ(crowd.answers, std::vector<Status>(Crowd::size, Status::found));
  EXPECT_EQ(asked(), 1U);
}

TEST_F(CacheTest, AQuestionThatCouldNotBeAskedHoldsNobodyUp) {
  inner_->held = true;
  inner_->answer = nullptr;  // throws
  Crowd crowd;
  support::TestSpawner spawner;
  ASSERT_TRUE(spawner.run(Crowd::run(*cache_, *inner_, crowd, spawner)));
  EXPECT_EQ(crowd.thrown, 1) << "who asked is told of the bug";
  EXPECT_EQ(crowd.answers, std::vector<Status>(Crowd::size - 1, Status::timeout));
  inner_->held = false;
  inner_->say(Status::found, 300s);
  EXPECT_EQ(ask("mx.example.org"), Status::found) << "and it can be asked again";
}

/// Answers from a thread of its own, at once.
class Swift final : public Resolver {
 public:
  Task<Shared> ask(std::string, Type) override {
    ++asked;
    auto answer = co_await wait_for<Shared>([](Done<Shared> done) {
      done(std::make_shared<const RawAnswer>(RawAnswer{Status::found, false, {"x"}, 300s}));
    });
    co_return answer;
  }
  std::atomic<int> asked = 0;
};

TEST(CacheUnderLoad, WhoJoinsTooLateAsksAgain) {
  const MovedClock clock;
  const auto log = make_silent_logger();
  CacheOptions options;
  options.entries = 0;  // what comes in drives out what is there
  const auto cache = make_cache(std::make_unique<Swift>(), options, clock, *log);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      const auto until = std::chrono::steady_clock::now() + 300ms;
      for (int i = 0; std::chrono::steady_clock::now() < until; ++i) {
        const auto answer = support::run(cache->ask(std::to_string(i % 40) + ".example", Type::a));
        if (answer->status != Status::found) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(CacheTest, HoldsOnlySoMany) {
  for (int i = 0; i < 20'000; ++i) ask(std::to_string(i) + ".example");
  const auto before = asked();
  for (int i = 0; i < 20'000; ++i) ask(std::to_string(i) + ".example");
  EXPECT_GT(asked() - before, 18'000U);
}

TEST_F(CacheTest, DeadDnsIsNotWaitedForByEveryMessage) {
  inner_->say(Status::timeout, 0s);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ask("a" + std::to_string(i) + ".example"), Status::timeout);
    clock_.offset += 1s;
  }
  clock_.offset += 10s;
  const auto before = asked();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask("b" + std::to_string(i) + ".example"), Status::timeout);
  EXPECT_LE(asked() - before, 1U) << "one question a second tries whether it is back";
  inner_->say(Status::found, 300s);
  clock_.offset += 2s;
  EXPECT_EQ(ask("probe.example"), Status::found);
  EXPECT_EQ(ask("after.example"), Status::found);
}

TEST_F(CacheTest, AServerThatFailsIsThere) {
  inner_->say(Status::servfail, 0s);
  for (int i = 0; i < 20; ++i) {
    ask("a" + std::to_string(i) + ".example");
    clock_.offset += 1s;
  }
  EXPECT_EQ(asked(), 20U);
}

}  // namespace
}  // namespace mailreeve::dns
