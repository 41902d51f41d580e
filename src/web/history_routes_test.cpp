// SPDX-License-Identifier: Apache-2.0
#include "web/history_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "net/blocking.h"
#include "store/history.h"
#include "support/memory_history.h"
#include "support/memory_queue.h"
#include "web/routes.h"

namespace mailreeve::web {
namespace {

using testing::HasSubstr;

/// Answers with what it was given, and keeps what it was asked.
class ScriptedHistory final : public support::MemoryHistory {
 public:
  Task<Result<std::vector<store::HistoryRecord>>> search(store::HistoryFilter filter) override {
    asked = std::move(filter);
    co_return records();
  }
  Task<Result<std::optional<store::HistoryRecord>>> show(std::string id) override {
    for (const auto& record : records()) {
      if (record.id.text() == id) co_return record;
    }
    co_return std::optional<store::HistoryRecord>{};
  }
  store::HistoryFilter asked;
};

class HistoryRoutes : public testing::Test {
 protected:
  HistoryRoutes() {
    Services services{queue_, metrics_, clock_, [] { return Health{}; }, [] { return no_reload(); }, [] {}, &history_};
    control_ = make_control_handler(services);
    store::HistoryRecord record;
    record.id = MessageId::make(from_millis(1'700'000'000'123), random_);
    record.time = from_millis(1'700'000'000'123);
    record.client = *IpAddress::parse("192.0.2.25");
    record.sender = "anna@example.net";
    record.recipients = {"bert@example.org"};
    record.verdict = "reject";
    record.reply = "550 5.7.1 \"no\"\x01\xff";
    record.findings = {"spf.fail"};
    record.detail = R"({"verdict":"reject"})";
    history_.post(record);
  }
  static Task<ReloadAnswer> no_reload() { co_return ReloadAnswer{}; }
  net::HttpResponse ask(const std::string& path, const std::map<std::string, std::string>& query = {}) {
    return net::run_blocking(control_({"GET", path, query, ""}));
  }

  support::MemoryQueue queue_;
  Metrics metrics_;
  SystemClock clock_;
  SeededRandom random_{1};
  ScriptedHistory history_;
  net::HttpHandler control_;
};

TEST_F(HistoryRoutes, EveryFilterReachesTheStore) {
  const auto id = history_.records()[0].id;
  const auto response = ask("/api/v1/history", {{"from", "anna"},
                                                {"to", "bert"},
                                                {"ip", "192.0.2.0/24"},
                                                {"since", "1"},
                                                {"until", "2"},
                                                {"verdict", "reject"},
                                                {"finding", "spf"},
                                                {"limit", "7"},
                                                {"before", id.text()}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(history_.asked.from, "anna");
  EXPECT_EQ(history_.asked.to, "bert");
  EXPECT_EQ(history_.asked.client->text(), "192.0.2.0/24");
  EXPECT_EQ(history_.asked.since, from_millis(1));
  EXPECT_EQ(history_.asked.until, from_millis(2));
  EXPECT_EQ(history_.asked.verdict, "reject");
  EXPECT_EQ(history_.asked.finding, "spf");
  EXPECT_EQ(history_.asked.limit, 7U);
  EXPECT_EQ(history_.asked.before, id);
  const auto page = boost::json::parse(response.body);
  EXPECT_EQ(page.at("records").as_array().size(), 1U);
  EXPECT_EQ(page.at("records").at(0).at("findings").at(0).as_string(), "spf.fail");
  EXPECT_FALSE(page.as_object().contains("next")) << "fewer than asked for: it was the last page";
}

TEST_F(HistoryRoutes, AFullPageSaysWhereTheNextBegins) {
  const auto page = boost::json::parse(ask("/api/v1/history", {{"limit", "1"}}).body);
  EXPECT_EQ(page.at("next").as_string(), history_.records()[0].id.text());
}

TEST_F(HistoryRoutes, WhatIsNotUnderstoodIsRefused) {
  for (const auto& [key, value] : std::map<std::string, std::string>{{"ip", "x"},
                                                                     {"since", "today"},
                                                                     {"limit", "0"},
                                                                     {"limit ", "1"},
                                                                     {"before", "x"},
                                                                     {"verdict", ""},
                                                                     {"sender", "x"}}) {
    const auto response = ask("/api/v1/history", {{key, value}});
    EXPECT_EQ(response.status, 400) << key;
    EXPECT_THAT(response.body, HasSubstr("detail"));
  }
}

TEST_F(HistoryRoutes, ARecordComesWithItsStory) {
  const auto response = ask("/api/v1/history/" + history_.records()[0].id.text());
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(boost::json::parse(response.body).at("story").at("verdict").as_string(), "reject");
  EXPECT_EQ(ask("/api/v1/history/01ARZ3NDEKTSV4RRFFQ69G5FAV").status, 404);
}

}  // namespace
}  // namespace mailreeve::web
