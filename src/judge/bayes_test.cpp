// SPDX-License-Identifier: Apache-2.0
#include "judge/bayes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/run.h"

namespace mailreeve::judge {
namespace {

using store::MailClass;
using testing::Contains;
using testing::Not;

scan::ContentReport content_of(const std::string& subject, const std::string& text) {
  scan::ContentReport content;
  content.subject = subject;
  content.text = text;
  return content;
}

std::vector<std::string> shown(const MessageWords& words) {
  std::vector<std::string> all;
  for (const auto& feature : words.features()) all.push_back(words.shown(feature));
  return all;
}

std::vector<std::string> words_of(const std::string& text) {
  return shown(MessageWords{content_of("", text), nullptr});
}

TEST(MessageWords, AreFoldedAndPaired) {
  const auto all = words_of(
      "Cheap PILLS, Stra\xc3\x9f"
      "e! \xc3\x84rzte");
  EXPECT_THAT(all, Contains("cheap"));
  EXPECT_THAT(all, Contains("cheap pills"));
  EXPECT_THAT(all, Contains("stra\xc3\x9f"
                            "e"));
  EXPECT_THAT(all, Contains("\xc3\xa4rzte"));
  EXPECT_THAT(all, Contains("pills stra\xc3\x9f"
                            "e"));
}

TEST(MessageWords, OfScriptsWithoutSpacesAreLettersAndTheirPairs) {
  const auto all = words_of("\xe5\x85\x8d\xe8\xb2\xbb");
  EXPECT_THAT(all, Contains("\xe5\x85\x8d"));
  EXPECT_THAT(all, Contains("\xe5\x85\x8d \xe8\xb2\xbb"));
}

TEST(MessageWords, AmountsKeepTheirShapeAlone) {
  EXPECT_THAT(words_of("pay $1,234 or 99%"), Contains("$ 0"));
  EXPECT_THAT(words_of("pay $1,234 or 99%"), Contains("00 %"));
  EXPECT_EQ(words_of("in 2025"), words_of("in 1999"));
}

TEST(MessageWords, WhatIsTooLongIsNoWord) {
  const auto all = words_of("one " + std::string(300, 'x') + " two");
  EXPECT_THAT(all, Contains("one"));
  EXPECT_THAT(all, Not(Contains("one two"))) << "no neighbours";
}

TEST(MessageWords, TheSameWordInAnotherPlaceIsAnotherWord) {
  const MessageWords words{content_of("winner", "winner"), nullptr};
  EXPECT_THAT(shown(words), Contains("winner"));
  EXPECT_THAT(shown(words), Contains("subject: winner"));
}

TEST(MessageWords, LinksStructureAndHeaderAreWords) {
  auto content = content_of("", "");
  content.links.push_back({scan::Link::Kind::anchor, "https://shop.example/buy/now?x=1", "shop.example", "", "1"});
  content.link_count = 1;
  content.items.push_back({});
  content.items.back().declared = "text/html";
  content.notes.push_back({"mime.ambiguous", "1", "two boundaries"});
  const mail::Header header{std::string{"From: a@example.net\r\nList-Id: <x.example>\r\nX-Mailer: BulkMax 3\r\n"}};
  const auto all = shown(MessageWords{content, &header});
  for (const char* expected : {"link: shop.example", "link: buy now", "structure: text/html",
                               "structure: mime.ambiguous", "header: list-id", "header: bulkmax", "header: no date"}) {
    EXPECT_THAT(all, Contains(expected));
  }
}

TEST(MessageWords, WhatGatewaysAddTeachesNothing) {
  const std::string own = "From: a@example.net\r\nSubject: x\r\n";
  const mail::Header sent{own};
  const mail::Header arrived{
      "Received: from a by b; now\r\nX-Spam-Flag: YES\r\nAuthentication-Results: b; spf=pass\r\n"
      "Delivered-To: c@b\r\n" +
      own};
  const auto content = content_of("x", "some text");
  EXPECT_EQ(shown(MessageWords(content, &sent)), shown(MessageWords(content, &arrived)));
  EXPECT_EQ(lesson_name(sent, "body\r\n"), lesson_name(arrived, "body\r\n\r\n"));
  EXPECT_NE(lesson_name(sent, "body\r\n"), lesson_name(sent, "other\r\n"));
}

TEST(MessageWords, AreBounded) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += static_cast<char>('a' + i % 26);
    text += static_cast<char>('a' + i / 26 % 26);
    text += ' ';
  }
  EXPECT_LE((MessageWords{content_of(text, text), nullptr}.features().size()), 6'000U);
}

class BayesTest : public testing::Test {
 protected:
  void learn(MailClass as, int count, const std::string& subject, const std::string& text) {
    std::vector<store::Lesson> lessons;
    for (int i = 0; i < count; ++i) {
      const MessageWords words{content_of(subject, text), nullptr};
      lessons.push_back({std::to_string(next_++), as, words.hashes()});
    }
    const auto done = *support::run(teach(std::move(lessons)));
    ASSERT_TRUE(done);
  }
  BayesOpinion ask(const std::string& subject, const std::string& text) {
    return weigh(MessageWords{content_of(subject, text), nullptr}, *counts_, "");
  }
  Task<std::optional<Result<store::LessonCounts>>> teach(std::vector<store::Lesson> lessons) {
    auto counts = co_await counts_->learn("", std::move(lessons));
    co_return std::optional{std::move(counts)};
  }
  std::unique_ptr<store::WordCounts> counts_ = store::make_memory_word_counts();
  int next_ = 0;
};

TEST_F(BayesTest, TellsSpamFromHam) {
  learn(MailClass::spam, 20, "winner", "claim your prize money now dear friend");
  learn(MailClass::ham, 20, "minutes", "please find the minutes of our meeting now dear friend");
  EXPECT_GT(ask("winner", "your prize money waits").likeness, 0.95);
  EXPECT_LT(ask("minutes", "the minutes of the meeting").likeness, 0.05);
}

TEST_F(BayesTest, KnowsNothingOfWordsThatStandInBoth) {
  learn(MailClass::spam, 20, "", "now dear friend");
  learn(MailClass::ham, 20, "", "now dear friend");
  const auto opinion = ask("", "now dear friend");
  EXPECT_NEAR(opinion.likeness, 0.5, 0.2);
}

TEST_F(BayesTest, KnowsNothingOfUnknownWords) {
  learn(MailClass::spam, 20, "", "prize");
  learn(MailClass::ham, 20, "", "minutes");
  // The structure is the same in all of them, so that only words remain.
  EXPECT_NEAR(ask("", "abracadabra").likeness, 0.5, 0.01);
}

TEST_F(BayesTest, WordsFromBothSidesLeaveItOpen) {
  learn(MailClass::spam, 20, "", "prize money lottery winner");
  learn(MailClass::ham, 20, "", "minutes meeting agenda budget");
  const auto opinion = ask("", "prize agenda lottery budget winner minutes money meeting");
  EXPECT_NEAR(opinion.likeness, 0.5, 0.1);
}

TEST_F(BayesTest, UnequalNumbersOfMessagesDoNotTipIt) {
  learn(MailClass::spam, 10, "", "prize hello");
  learn(MailClass::ham, 1'000, "", "minutes hello");
  const auto opinion = ask("", "hello");
  EXPECT_NEAR(opinion.likeness, 0.5, 0.1) << "every mail of both kinds says hello";
  EXPECT_GT(ask("", "prize").likeness, 0.8);
}

TEST_F(BayesTest, CluesSayWhatDecidedStrongestFirst) {
  learn(MailClass::spam, 20, "winner", "prize money");
  learn(MailClass::ham, 20, "minutes", "meeting");
  const auto opinion = ask("winner", "prize money");
  ASSERT_FALSE(opinion.clues.empty());
  EXPECT_LE(opinion.clues.size(), 10U);
  std::vector<std::string> words;
  for (const auto& clue : opinion.clues) words.push_back(clue.word);
  EXPECT_THAT(words, Contains("subject: winner"));
  EXPECT_EQ(opinion.clues.front().count, (store::WordCount{20, 0}));
  EXPECT_TRUE(std::ranges::is_sorted(opinion.clues, std::ranges::greater{},
                                     [](const BayesClue& clue) { return std::abs(clue.likeness - 0.5); }));
}

TEST_F(BayesTest, APairDoesNotCountBesideItsWords) {
  learn(MailClass::spam, 20, "", "prize money");
  learn(MailClass::ham, 20, "", "minutes");
  const auto opinion = ask("", "prize money");
  int mentions = 0;
  for (const auto& clue : opinion.clues) mentions += clue.word.find("prize") != std::string::npos ? 1 : 0;
  EXPECT_EQ(mentions, 1);
}

}  // namespace
}  // namespace mailreeve::judge
