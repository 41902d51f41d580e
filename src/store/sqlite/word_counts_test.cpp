// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/word_counts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "support/run.h"

namespace mailreeve::store::sqlite {
namespace {

class CountsIn : public testing::Test {
 protected:
  explicit CountsIn(bool durable) : durable_{durable} {
    std::string name = (std::filesystem::temp_directory_path() / "mailreeve-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    open();
  }
  ~CountsIn() override {
    counts_.reset();
    std::filesystem::remove_all(directory_);
  }

  void open(std::size_t limit = 1'000'000) {
    counts_.reset();
    if (!durable_) {
      counts_ = make_memory_word_counts();
      return;
    }
    auto opened = open_word_counts((directory_ / "words.db").string(), *log_, Loading::before_return, limit);
    ASSERT_TRUE(opened) << opened.error().text;
    counts_ = std::move(*opened);
  }

  Task<std::optional<Result<LessonCounts>>> ask(std::string scope, std::vector<Lesson> lessons) {
    auto counts = co_await counts_->learn(std::move(scope), std::move(lessons));
    co_return std::optional{std::move(counts)};
  }
  LessonCounts learn(const std::string& message, std::optional<MailClass> as, std::vector<std::uint64_t> words,
                     const std::string& scope = {}) {
    const auto counts = *support::run(ask(scope, {Lesson{message, as, std::move(words)}}));
    EXPECT_TRUE(counts) << counts.error().text;
    return counts.value_or(LessonCounts{});
  }
  WordCount count(std::uint64_t word, const std::string& scope = {}) const {
    WordCount found;
    counts_->look(scope, {&word, 1}, {&found, 1});
    return found;
  }

  bool durable_;
  std::filesystem::path directory_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  std::unique_ptr<WordCounts> counts_;
};

class WordCountsTest : public CountsIn, public testing::WithParamInterface<bool> {
 protected:
  WordCountsTest() : CountsIn{GetParam()} {}
};
class DurableWordCountsTest : public CountsIn {
 protected:
  DurableWordCountsTest() : CountsIn{true} {}
};

INSTANTIATE_TEST_SUITE_P(Kinds, WordCountsTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "durable" : "memory"; });

TEST_P(WordCountsTest, CountsMessagesAndWords) {
  EXPECT_EQ(learn("a", MailClass::spam, {1, 2}).learnt, 1U);
  EXPECT_EQ(learn("b", MailClass::ham, {2, 3}).learnt, 1U);
  EXPECT_EQ(counts_->messages(""), (WordCount{1, 1}));
  EXPECT_EQ(count(1), (WordCount{1, 0}));
  EXPECT_EQ(count(2), (WordCount{1, 1}));
  EXPECT_EQ(count(3), (WordCount{0, 1}));
  EXPECT_EQ(count(4), WordCount{});
}

TEST_P(WordCountsTest, AMessageCountsOnceAndMovesWhenSortedAnew) {
  learn("a", MailClass::spam, {1});
  EXPECT_EQ(learn("a", MailClass::spam, {1}).known, 1U);
  EXPECT_EQ(count(1), (WordCount{1, 0}));
  EXPECT_EQ(learn("a", MailClass::ham, {1}).moved, 1U);
  EXPECT_EQ(count(1), (WordCount{0, 1}));
  EXPECT_EQ(counts_->messages(""), (WordCount{0, 1}));
}

TEST_P(WordCountsTest, ForgetsWhatItUnlearns) {
  learn("a", MailClass::spam, {1, 2});
  learn("b", MailClass::spam, {2});
  EXPECT_EQ(learn("a", std::nullopt, {1, 2}).forgotten, 1U);
  EXPECT_EQ(counts_->messages(""), (WordCount{1, 0}));
  EXPECT_EQ(count(1), WordCount{});
  EXPECT_EQ(count(2), (WordCount{1, 0}));
  EXPECT_EQ(learn("a", std::nullopt, {1, 2}).unknown, 1U);
  EXPECT_EQ(count(2), (WordCount{1, 0})) << "what was not known takes nothing away";
}

TEST_P(WordCountsTest, ScopesKnowNothingOfEachOther) {
  learn("a", MailClass::spam, {1}, "example.org");
  EXPECT_EQ(count(1, "example.org"), (WordCount{1, 0}));
  EXPECT_EQ(count(1), WordCount{});
  EXPECT_EQ(counts_->messages(""), WordCount{});
  EXPECT_EQ(counts_->messages("example.org"), (WordCount{1, 0}));
  EXPECT_EQ(learn("a", MailClass::ham, {1}).learnt, 1U);
}

TEST_P(WordCountsTest, ManyLessonsAtOnceAddUp) {
  std::vector<Lesson> lessons;
  for (int i = 0; i < 50; ++i) lessons.push_back({std::to_string(i), MailClass::ham, {7}});
  lessons.push_back({"0", MailClass::ham, {7}});
  const auto done = *support::run(ask("", std::move(lessons)));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->learnt, 50U);
  EXPECT_EQ(done->known, 1U);
  EXPECT_EQ(count(7), (WordCount{0, 50}));
}

TEST_F(DurableWordCountsTest, OutlivesARestart) {
  constexpr std::uint64_t high = 0xffff'ffff'ffff'fff0ULL;
  learn("a", MailClass::spam, {high});
  learn("b", MailClass::ham, {high, 5}, "example.org");
  open();
  EXPECT_EQ(counts_->messages(""), (WordCount{1, 0}));
  EXPECT_EQ(count(high), (WordCount{1, 0}));
  EXPECT_EQ(count(5, "example.org"), (WordCount{0, 1}));
  EXPECT_EQ(learn("a", MailClass::spam, {high}).known, 1U);
}

TEST_F(DurableWordCountsTest, BeyondTheLimitWordsOfSingleMessagesGoFirst) {
  open(100);
  for (const char* message : {"a", "b", "c"}) learn(message, MailClass::spam, {1, 2, 3});
  std::vector<std::uint64_t> rare(150);
  std::iota(rare.begin(), rare.end(), 1'000);
  learn("d", MailClass::ham, rare);
  EXPECT_EQ(count(1), (WordCount{3, 0}));
  int left = 0;
  for (const auto word : rare) left += count(word) == WordCount{} ? 0 : 1;
  EXPECT_LE(left, 100);
  EXPECT_EQ(counts_->messages(""), (WordCount{3, 1}));
}

TEST_F(DurableWordCountsTest, AFileThatIsNoDatabaseIsAnError) {
  counts_.reset();
  const auto path = (directory_ / "broken.db").string();
  std::string garbage(4096, 'x');
  auto* file = std::fopen(path.c_str(), "w");
  std::fwrite(garbage.data(), 1, garbage.size(), file);
  std::fclose(file);
  const auto opened = open_word_counts(path, *log_, Loading::before_return);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find(path), std::string::npos);
}

}  // namespace
}  // namespace mailreeve::store::sqlite
