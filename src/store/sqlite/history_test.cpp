// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/metrics.h"
#include "base/random.h"
#include "store/sqlite/database.h"
#include "store/sqlite/marks.h"
#include "support/run.h"

namespace mailreeve::store::sqlite {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Directory : public testing::Test {
 protected:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "mailreeve-test-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~Directory() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path directory_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
};

class HistoryTest : public Directory {
 protected:
  HistoryTest() { open(); }
  void open() {
    history_.reset();
    auto opened = open_history((directory_ / "archive.db").string(), *log_, metrics_);
    ASSERT_TRUE(opened) << opened.error().text;
    history_ = std::move(*opened);
  }
  /// `minute`: when it happened; its id is of that time too.
  MessageId post(int minute, const std::function<void(HistoryRecord&)>& change = {}) {
    HistoryRecord record;
    record.time = WallTime{} + 24h * 20'000 + std::chrono::minutes{minute};
    record.id = MessageId::make(record.time, random_);
    record.client = *IpAddress::parse("192.0.2.25");
    record.sender = "anna@example.net";
    record.recipients = {"bert@example.org"};
    record.verdict = "accept";
    record.findings = {"spf.pass"};
    record.make_detail = [minute] { return fmt::format("{{\"minute\":{}}}", minute); };
    if (change) change(record);
    const auto id = record.id;
    history_->post(std::move(record));
    return id;
  }
  std::vector<MessageId> search(const HistoryFilter& filter = {}) {
    support::run(flush(*history_));
    const auto found = support::run(history_->search(filter));
    EXPECT_TRUE(found) << found.error().text;
    std::vector<MessageId> ids;
    for (const auto& record : *found) ids.push_back(record.id);
    return ids;
  }
  static Task<int> flush(History& history) {
    co_await history.flush();
    co_return 0;
  }
  SeededRandom random_{1};
  std::unique_ptr<History> history_;
};

TEST_F(HistoryTest, WhatWasPostedIsThereAfterARestart) {
  const auto id = post(1, [](HistoryRecord& record) {
    record.reply = "550 5.7.1 no";
    record.decided_by = "spf.fail";
    record.score = 4.5;
  });
  search();
  open();
  const auto shown = support::run(history_->show(id.text()));
  ASSERT_TRUE(shown && *shown);
  EXPECT_EQ((*shown)->reply, "550 5.7.1 no");
  EXPECT_EQ((*shown)->decided_by, "spf.fail");
  EXPECT_DOUBLE_EQ((*shown)->score, 4.5);
  EXPECT_EQ((*shown)->client.text(), "192.0.2.25");
  EXPECT_THAT((*shown)->recipients, ElementsAre("bert@example.org"));
  EXPECT_EQ((*shown)->detail, "{\"minute\":1}");
}

TEST_F(HistoryTest, EveryFilterNarrows) {
  const auto plain = post(1);
  const auto other = post(2, [](HistoryRecord& record) {
    record.client = *IpAddress::parse("2001:db8::7");
    record.sender = "Eve_100%@Evil.example";
    record.recipients = {"carla@example.org", "dora@example.org"};
    record.verdict = "reject";
    record.findings = {"spf.none.implied-fail", "rdns.none"};
  });
  const auto one = [&](auto change) {
    HistoryFilter filter;
    change(filter);
    return search(filter);
  };
  EXPECT_THAT(search(), ElementsAre(other, plain)) << "newest first";
  EXPECT_THAT(one([](auto& filter) { filter.from = "evil"; }), ElementsAre(other));
  EXPECT_THAT(one([](auto& filter) { filter.from = "100%"; }), ElementsAre(other)) << "no pattern, only text";
  EXPECT_THAT(one([](auto& filter) { filter.from = "%"; }), ElementsAre(other));
  EXPECT_THAT(one([](auto& filter) { filter.to = "DORA@"; }), ElementsAre(other));
  EXPECT_THAT(one([](auto& filter) { filter.verdict = "accept"; }), ElementsAre(plain));
  EXPECT_THAT(one([](auto& filter) { filter.finding = "spf.none"; }), ElementsAre(other));
  EXPECT_THAT(one([](auto& filter) { filter.finding = "spf.non"; }), IsEmpty());
  EXPECT_THAT(one([](auto& filter) { filter.client = *IpNetwork::parse("192.0.2.0/24"); }), ElementsAre(plain));
  EXPECT_THAT(one([](auto& filter) { filter.client = *IpNetwork::parse("2001:db8::/32"); }), ElementsAre(other));
  const auto middle = WallTime{} + 24h * 20'000 + 90s;
  EXPECT_THAT(one([&](auto& filter) { filter.since = middle; }), ElementsAre(other));
  EXPECT_THAT(one([&](auto& filter) { filter.until = middle; }), ElementsAre(plain));
}

TEST_F(HistoryTest, PagesFollowOneAnother) {
  std::vector<MessageId> all;
  for (int i = 0; i < 25; ++i) all.insert(all.begin(), post(i));
  std::vector<MessageId> read;
  HistoryFilter filter;
  filter.limit = 10;
  for (int page = 0; page < 3; ++page) {
    const auto ids = search(filter);
    read.insert(read.end(), ids.begin(), ids.end());
    filter.before = read.back();
  }
  EXPECT_EQ(read, all);
}

TEST_F(HistoryTest, WordsAreFoundWhereverTheyStand) {
  const auto plain = post(1);
  const auto other = post(2, [](HistoryRecord& record) {
    record.client = *IpAddress::parse("198.51.100.77");
    record.helo = "mailout.bulk.example";
    record.sender = "J\xc3\xb6rg+news@Evil.example";
    record.reply = "550 5.7.1 your domain forbids it";
    record.verdict = "reject";
    record.decided_by = "dmarc.fail.reject";
    record.findings = {"spf.none.implied-fail", "rdns.none"};
  });
  const auto text = [&](std::string words, std::string verdict = {}, std::string finding = {}) {
    HistoryFilter filter;
    filter.text = std::move(words);
    filter.verdict = std::move(verdict);
    filter.finding = std::move(finding);
    return search(filter);
  };
  EXPECT_THAT(text("evil.example"), ElementsAre(other));
  EXPECT_THAT(text("EVIL"), ElementsAre(other));
  EXPECT_THAT(text("jorg"), ElementsAre(other)) << "accents do not matter";
  EXPECT_THAT(text("mailout.bu"), ElementsAre(other)) << "the beginning of a word is enough";
  EXPECT_THAT(text("198.51.100.77"), ElementsAre(other));
  EXPECT_THAT(text("bert@example.org"), ElementsAre(other, plain));
  EXPECT_THAT(text("bert@example.org forbids"), ElementsAre(other)) << "all words";
  EXPECT_THAT(text("dmarc.fail"), ElementsAre(other));
  EXPECT_THAT(text("spf.pass"), ElementsAre(plain));
  EXPECT_THAT(text(other.text()), ElementsAre(other));
  EXPECT_THAT(text("bert", "reject"), ElementsAre(other));
  EXPECT_THAT(text("bert", {}, "spf.none"), ElementsAre(other));
  EXPECT_THAT(text("bert", {}, "spf.non"), IsEmpty());
  EXPECT_THAT(text("accept"), IsEmpty()) << "a verdict is no word of the message";
  for (const auto* odd : {"%", "\"", "\" XOR \"", "*", "NEAR(", "verdict : accept", "^", "()", "AND"}) {
    EXPECT_THAT(text(odd), IsEmpty()) << odd;
  }
}

TEST_F(HistoryTest, SpansOfTimeNarrowWordsToo) {
  std::vector<MessageId> all;
  for (int i = 0; i < 600; ++i) all.push_back(post(i));
  HistoryFilter filter;
  filter.text = "anna";
  filter.since = WallTime{} + 24h * 20'000 + 100min;
  filter.until = WallTime{} + 24h * 20'000 + 102min;
  EXPECT_THAT(search(filter), ElementsAre(all[102], all[101], all[100]));
  filter.before = all[102];
  EXPECT_THAT(search(filter), ElementsAre(all[101], all[100]));
}

TEST_F(HistoryTest, WhereItWentIsKnownForAllItsIds) {
  const auto further = MessageId::make(WallTime{} + 24h * 20'000, random_);
  const auto id = post(1, [&](HistoryRecord& record) { record.further = {further}; });
  const auto time = WallTime{} + 24h * 20'000 + 2min;
  history_->post(Delivery{further, time + 1s, "carla@example.org", "refused", "550 no"});
  history_->post(Delivery{id, time, "bert@example.org", "deferred", "451 later"});
  history_->post(Delivery{id, time + 2s, "bert@example.org", "delivered", "250 ok"});
  history_->post(Delivery{MessageId::make(time, random_), time, "x@example.org", "delivered", "250 ok"});
  search();
  const auto deliveries = support::run(history_->deliveries(id));
  ASSERT_TRUE(deliveries);
  std::vector<std::string> outcomes;
  for (const auto& delivery : *deliveries) outcomes.push_back(delivery.outcome);
  EXPECT_THAT(outcomes, ElementsAre("deferred", "refused", "delivered"));
  const auto shown = support::run(history_->show(further.text()));
  ASSERT_TRUE(shown && *shown);
  EXPECT_EQ((*shown)->id, id);
  EXPECT_THAT(support::run(history_->ids(id)).value(), ElementsAre(id, further));
  support::run(history_->expire(time));
  EXPECT_THAT(support::run(history_->deliveries(id)).value(), IsEmpty());
  EXPECT_THAT(support::run(history_->show(further.text())).value(), testing::Eq(std::nullopt));
}

TEST_F(HistoryTest, VerdictsAndFindingsAreCounted) {
  const auto now = SystemClock{}.now();
  const auto minute = std::chrono::floor<std::chrono::minutes>(now);
  const auto at = [&](WallTime time, std::string verdict) {
    post(0, [&](HistoryRecord& record) {
      record.time = time;
      record.verdict = std::move(verdict);
      record.findings = {"spf.pass", "rdns.none", "spf.pass"};
    });
  };
  at(minute, "accept");
  at(minute + 1ms, "accept");
  at(minute - 1min, "reject");
  at(minute - 48h, "tag");
  search();
  open();
  at(minute, "accept");
  search();
  const auto fine = support::run(history_->verdicts(minute - 1h, 1min));
  EXPECT_THAT(fine.value(), ElementsAre(Tally{minute - 1min, "reject", 1}, Tally{minute, "accept", 3}));
  const auto hours = support::run(history_->verdicts(minute - 72h, 1h));
  std::map<std::string, std::uint64_t> sums;
  for (const auto& tally : *hours) sums[tally.name] += tally.count;
  EXPECT_THAT(sums, ElementsAre(testing::Pair("accept", 3), testing::Pair("reject", 1), testing::Pair("tag", 1)));
  EXPECT_THAT(support::run(history_->findings(now - 1h)).value(),
              ElementsAre(testing::Pair("rdns.none", 4), testing::Pair("spf.pass", 4)));
  EXPECT_EQ(support::run(history_->findings(now - 24h * 7)).value().at("rdns.none"), 5U);
  support::run(history_->expire(now + 1h));
  EXPECT_THAT(support::run(history_->verdicts(minute - 1h, 1min)).value(), SizeIs(2)) << "counts outlive records";
}

TEST_F(HistoryTest, WordsGoWithTheirRecords) {
  for (int i = 0; i < 3000; ++i) post(i);
  search();
  ASSERT_TRUE(support::run(history_->expire(WallTime{} + 24h * 20'000 + 2990min)));
  HistoryFilter filter;
  filter.text = "anna";
  EXPECT_THAT(search(filter), SizeIs(10));
}

TEST_F(HistoryTest, RecordsFromBeforeThereWasAnIndexAreKeptAndExpire) {
  post(1);
  search();
  history_.reset();
  {
    Database old{(directory_ / "archive.db").string(), {}, Database::Access::write};
    old.execute("DROP TABLE history_text; DROP TABLE history_fact; DROP TABLE history_tally;");
    ASSERT_FALSE(old.failed());
  }
  open();
  const auto fresh = post(5);
  HistoryFilter filter;
  filter.text = "anna";
  EXPECT_THAT(search(filter), ElementsAre(fresh));
  EXPECT_THAT(search(), SizeIs(2));
  EXPECT_EQ(support::run(history_->expire(WallTime{} + 24h * 20'000 + 3min)).value(), 1U);
  EXPECT_THAT(search(filter), ElementsAre(fresh));
  EXPECT_EQ(support::run(history_->expire(WallTime{} + 24h * 20'000 + 9min)).value(), 1U);
  EXPECT_THAT(search(filter), IsEmpty());
}

TEST_F(HistoryTest, TheBeginningOfAnIdIsEnoughIfOnlyOneBeginsSo) {
  const auto id = post(1).text();
  post(50'000'000);
  search();
  EXPECT_TRUE(support::run(history_->show(id.substr(0, 20))).value());
  const auto ambiguous = support::run(history_->show(id.substr(0, 1)));
  EXPECT_FALSE(ambiguous && *ambiguous);
  const auto odd = support::run(history_->show("' OR 1=1 --"));
  EXPECT_FALSE(odd && *odd);
}

TEST_F(HistoryTest, OldRecordsGo) {
  for (int i = 0; i < 3000; ++i) post(i);
  search();
  const auto gone = support::run(history_->expire(WallTime{} + 24h * 20'000 + 2990min));
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone, 2990U);
  EXPECT_THAT(search(), SizeIs(10));
}

TEST_F(Directory, MarksOutliveARestart) {
  const auto path = (directory_ / "counters.db").string();
  const auto now = SystemClock{}.now();
  auto marks = open_marks(path, *log_);
  ASSERT_TRUE(marks);
  support::run((*marks)->add("grey:a", 1, now, 1h));
  EXPECT_EQ(support::run((*marks)->add("grey:a", 1, now + 1min, 1h)).value, 2);
  support::run((*marks)->add("grey:b", 1, now, 1min));
  marks->reset();
  marks = open_marks(path, *log_);
  ASSERT_TRUE(marks);
  const auto kept = support::run((*marks)->find("grey:a", now + 59min));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->value, 2);
  EXPECT_EQ(kept->first, now);
  EXPECT_FALSE(support::run((*marks)->find("grey:a", now + 61min))) << "its end was not prolonged";
  EXPECT_FALSE(support::run((*marks)->find("grey:b", now + 2min)));
}

TEST_F(Directory, ADamagedFileIsToldAndNotOverwritten) {
  for (const auto* name : {"counters.db", "archive.db"}) {
    std::ofstream{directory_ / name} << std::string(5000, 'x');
  }
  EXPECT_FALSE(open_marks((directory_ / "counters.db").string(), *log_));
  EXPECT_FALSE(open_history((directory_ / "archive.db").string(), *log_, metrics_));
}

}  // namespace
}  // namespace mailreeve::store::sqlite
