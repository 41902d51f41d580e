// SPDX-License-Identifier: Apache-2.0
#include "judge/keywords.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "scan/scan.h"

namespace mailreeve::judge {
namespace {

using In = KeywordRule::In;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using namespace std::string_literals;

std::shared_ptr<const KeywordSet> compiled(std::vector<KeywordRule> rules) {
  auto set = KeywordSet::compile(std::move(rules));
  EXPECT_TRUE(set.has_value()) << set.error().text;
  return set ? *set : nullptr;
}

std::string error_of(std::vector<KeywordRule> rules) {
  const auto set = KeywordSet::compile(std::move(rules));
  EXPECT_FALSE(set.has_value());
  return set ? std::string{} : set.error().text;
}

scan::ContentReport with_text(std::string text) {
  scan::ContentReport report;
  report.text = std::move(text);
  return report;
}

bool matches(std::string pattern, std::string text) {
  return compiled({{"rule", std::move(pattern)}})->search(with_text(std::move(text)), {}).size() == 1;
}

std::vector<std::size_t> rules_hit(const KeywordSet& set, const scan::ContentReport& report,
                                   std::string_view header = {}) {
  std::vector<std::size_t> all;
  for (const auto& hit : set.search(report, header)) all.push_back(hit.rule);
  return all;
}

TEST(Keywords, ARuleLooksOnlyWhereItShall) {
  std::vector<KeywordRule> rules;
  for (const auto in : {In::subject, In::body, In::headers, In::names, In::urls})
    rules.push_back({"r", "needle", 1.0, {in}});
  const auto set = compiled(rules);
  scan::ContentReport report;
  EXPECT_THAT(rules_hit(*set, report), IsEmpty());
  report.subject = "a needle";
  EXPECT_THAT(rules_hit(*set, report), ElementsAre(0));
  report = with_text("a needle");
  EXPECT_THAT(rules_hit(*set, report), ElementsAre(1));
  report = {};
  EXPECT_THAT(rules_hit(*set, report, "X-Mailer: needle\r\n"), ElementsAre(2));
  report.items.push_back({});
  report.items[0].names = {"harmless.txt", "needle.exe"};
  EXPECT_THAT(rules_hit(*set, report), ElementsAre(3)) << "every name that some program shows";
  report = {};
  report.links.push_back({scan::Link::Kind::anchor, "http://x.example/needle", "x.example", "", "1"});
  EXPECT_THAT(rules_hit(*set, report), ElementsAre(4));
}

TEST(Keywords, ARuleHitsOnceWhereverItMatches) {
  const auto set = compiled({{"all", "needle", 1.0, {In::subject, In::body, In::headers, In::names, In::urls}}});
  auto report = with_text("needle needle");
  report.subject = "needle";
  report.links.push_back({scan::Link::Kind::text, "http://needle.example/", "", "", "1"});
  const auto hits = set->search(report, "Subject: needle\r\n");
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_THAT(hits[0].evidence, StartsWith("in the subject: "));
}

TEST(Keywords, SubjectAndBodyAreTheDefault) {
  const KeywordRule rule;
  EXPECT_THAT(rule.in, ElementsAre(In::subject, In::body));
}

TEST(Keywords, CaseCountsUnlessTheRuleSaysOtherwise) {
  EXPECT_TRUE(matches("Prize", "a Prize"));
  EXPECT_FALSE(matches("Prize", "a PRIZE"));
  EXPECT_TRUE(matches("(?i)prize", "a PRIZE"));
  EXPECT_TRUE(matches("(?i)größe", "GRÖßE")) << "beyond US-ASCII, too";
  EXPECT_TRUE(matches("(?i)приз", "ПРИЗ"));
}

TEST(Keywords, WordsHaveBounds) {
  EXPECT_TRUE(matches("\\bwon\\b", "you won!"));
  EXPECT_TRUE(matches("\\bwon\\b", "won"));
  EXPECT_FALSE(matches("\\bwon\\b", "wonderful"));
  EXPECT_FALSE(matches("\\bwon\\b", "swon"));
}

TEST(Keywords, PatternsAreThoseOfPcre) {
  EXPECT_TRUE(matches("v[i1]agra", "v1agra"));
  EXPECT_TRUE(matches("a.{0,3}b", "a - b"));
  EXPECT_TRUE(matches("one|two", "two"));
  EXPECT_TRUE(matches("a.b",
                      "a\xe2\x82\xac"
                      "b"))
      << "a character, not an octet";
  EXPECT_TRUE(matches("\\x{20ac}", "\xe2\x82\xac"));
  EXPECT_TRUE(matches("^begin", "begin of it"));
  EXPECT_FALSE(matches("^begin", "no begin"));
  EXPECT_TRUE(matches("end$", "the end"));
}

TEST(Keywords, TextOfAnyCharsetIsSearched) {
  const auto set = compiled({{"k", "Köln|Привет"}});
  const auto found = [&](const std::string& charset, const std::string& octets) {
    return !set->search(scan::scan("From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=" +
                                       charset + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + octets + "\r\n",
                                   {}),
                        {})
                .empty();
  };
  EXPECT_TRUE(found("utf-8", "K\xc3\xb6ln"));
  EXPECT_TRUE(found("iso-8859-1", "K\xf6ln"));
  EXPECT_TRUE(found("windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2"));
  EXPECT_TRUE(found("koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4"));
  EXPECT_TRUE(found("utf-7", "K+APY-ln"));
  EXPECT_TRUE(found("utf-16le", "K\0\xf6\0l\0n\0"s));
  EXPECT_FALSE(found("iso-8859-5", "K\xf6ln"));
  const auto subject = scan::scan("Subject: =?iso-8859-1?q?K=F6?= =?utf-8?b?bG4=?=\r\n\r\n", {});
  EXPECT_THAT(rules_hit(*set, subject), ElementsAre(0));
}

TEST(Keywords, WhatNobodySeesHidesNoWord) {
  const auto set = compiled({{"k", "you have won"}});
  const auto found = [&](const std::string& type, const std::string& text) {
    const auto report = scan::scan("From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: " + type +
                                       "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text + "\r\n",
                                   {});
    return !set->search(report, {}).empty();
  };
  EXPECT_TRUE(found("text/plain", "you\xc2\xa0have\r\n  won"));
  EXPECT_TRUE(found("text/plain",
                    "y\xe2\x80\x8bou h\xc2\xad"
                    "ave w\xef\xbb\xbfon"));
  EXPECT_TRUE(found("text/plain", "you\xe3\x80\x80have\xe2\x80\x89won"));
  EXPECT_TRUE(found("text/html", "you&nbsp;<b>ha</b>ve&#160;w&shy;o&#8203;n"));
  scan::ContentReport report;
  report.subject = "y\xe2\x80\x8dou have\xc2\xa0won";
  EXPECT_THAT(rules_hit(*set, report), ElementsAre(0));
}

TEST(Keywords, EvidenceSaysWhereAndShowsTheEndOfTheMatch) {
  const auto set = compiled({{"r", "needle"}});
  const auto hits = set->search(with_text(std::string(500, 'x') + "\xe2\x82\xac needle and more"), {});
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_THAT(hits[0].evidence, testing::EndsWith("\xe2\x82\xac needle"));
  EXPECT_LE(hits[0].evidence.size(), 100U);
  EXPECT_EQ(scan::clean_text(hits[0].evidence, 1000), hits[0].evidence);
}

TEST(Keywords, WrongPatternsAreToldByName) {
  EXPECT_THAT(error_of({{"fine", "x"}, {"odd", "(?=x)"}}), StartsWith("match of \"odd\": "));
  for (const auto* pattern : {"(", "[z-a]", "a{2,1}", "(x)\\1", "(?<!a)b", "*", "", "x*", "\xff", "\\"}) {
    EXPECT_THAT(error_of({{"odd", pattern}}), HasSubstr("match of \"odd\": ")) << pattern;
  }
  EXPECT_THAT(error_of({{"odd", "a\0b"s}}), HasSubstr("NUL"));
}

TEST(Keywords, WithoutRulesNothingIsFound) {
  EXPECT_THAT(compiled({})->search(with_text("needle"), "needle"), IsEmpty());
}

TEST(Keywords, ManyRulesAreSearchedAtOnce) {
  std::vector<KeywordRule> rules;
  for (int i = 0; i < 2000; ++i) rules.push_back({"r", "word" + std::to_string(i) + "\\b"});
  const auto set = compiled(rules);
  EXPECT_THAT(rules_hit(*set, with_text("word7 and word1999, word2000")), UnorderedElementsAre(7, 1999));
  std::string all;
  for (int i = 0; i < 2000; ++i) all += "word" + std::to_string(i) + " ";
  EXPECT_THAT(set->search(with_text(all), {}), SizeIs(2000));
}

TEST(Keywords, WhatIsNoUtf8IsSearchedAllTheSame) {
  const auto set = compiled({{"r", "needle", 1.0, {In::subject, In::body, In::headers, In::names, In::urls}}});
  const auto odd = "\xff\xfe\xc3\xe2\x82 \xed\xa0\x80\0 needle \xf0"s;
  EXPECT_THAT(rules_hit(*set, with_text(odd)), ElementsAre(0));
  EXPECT_THAT(rules_hit(*set, {}, odd), ElementsAre(0));
  scan::ContentReport report;
  report.links.push_back({scan::Link::Kind::text, odd, "", "", "1"});
  EXPECT_THAT(rules_hit(*set, report), ElementsAre(0));
}

TEST(Keywords, AllThreadsMaySearchAtOnce) {
  const auto set = compiled({{"r", "(?i)needle[0-9]+"}});
  std::atomic<int> found = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) found += static_cast<int>(set->search(with_text("a NEEDLE7 here"), {}).size());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(found, 2000);
}

}  // namespace
}  // namespace mailreeve::judge
