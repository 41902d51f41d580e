// SPDX-License-Identifier: Apache-2.0
#include "web/overview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "net/blocking.h"
#include "support/memory_history.h"
#include "support/memory_queue.h"
#include "web/routes.h"

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;
namespace bj = boost::json;

constexpr WallTime now = WallTime{} + 24h * 20'000 + 12h + 30s;

struct MovedClock final : Clock {
  WallTime now() const override { return time; }
  SteadyTime steady() const override { return SteadyTime{} + time.time_since_epoch(); }
  WallTime time = web::now;
};

class CountingHistory final : public support::MemoryHistory {
 public:
  Task<Result<std::vector<store::Tally>>> verdicts(WallTime, std::chrono::seconds) override {
    ++asked;
    if (broken) co_return fail(ErrorKind::io, "broken");
    co_return tallies;
  }
  Task<Result<std::map<std::string, std::uint64_t>>> findings(WallTime) override { co_return counts; }
  std::vector<store::Tally> tallies;
  std::map<std::string, std::uint64_t> counts;
  bool broken = false;
  int asked = 0;
};

class OverviewRoutes : public testing::Test {
 protected:
  OverviewRoutes() {
    Services services{queue_, metrics_, clock_, [] { return Health{}; }, [] { return no_reload(); }, [] {}, &history_};
    SettingsView view;
    view.checks.push_back({"spf", "mail", "", true, {{"spf.pass", "", -0.5}, {"spf.fail", "", 3}}});
    services.insight.settings = [view = std::make_shared<const SettingsView>(view)] { return view; };
    services.insight.health = [] {
      return std::vector<HealthEntry>{{"dns", HealthState::failing, "no answer", web::now}};
    };
    services.insight.sessions = [] { return std::size_t{7}; };
    control_ = make_control_handler(services);
  }
  static Task<ReloadAnswer> no_reload() { co_return ReloadAnswer{}; }
  bj::value ask(const std::string& path, const std::map<std::string, std::string>& query = {}, int status = 200) {
    const auto response = net::run_blocking(control_({"GET", path, query, ""}));
    EXPECT_EQ(response.status, status) << response.body;
    return bj::parse(response.body);
  }

  support::MemoryQueue queue_;
  Metrics metrics_;
  MovedClock clock_;
  CountingHistory history_;
  net::HttpHandler control_;
};

TEST_F(OverviewRoutes, BucketsHaveNoGapsAndEndNow) {
  const auto minute = now - 30s;
  history_.tallies = {{minute - 59min, "accept", 5}, {minute, "reject", 2}, {minute, "accept", 1}, {minute, "odd", 9}};
  const auto overview = ask("/api/v1/overview");
  const auto& buckets = overview.at("buckets").as_array();
  ASSERT_EQ(buckets.size(), 60U);
  EXPECT_EQ(buckets.front().at("accept").to_number<int>(), 5);
  EXPECT_EQ(buckets.back().at("reject").to_number<int>(), 2);
  EXPECT_EQ(buckets[30].at("accept").to_number<int>(), 0);
  EXPECT_EQ(overview.at("totals").at("accept").to_number<int>(), 6);
  EXPECT_EQ(overview.at("sessions").to_number<int>(), 7);
  ask("/api/v1/overview", {{"range", "2h"}}, 400);
  ask("/api/v1/overview", {{"other", "1h"}}, 400);
}

TEST_F(OverviewRoutes, TopFindingsAreThoseThatSpeakAgainstMail) {
  history_.counts = {{"spf.pass", 900}, {"spf.fail", 20}, {"dnsbl.zen", 30}};
  const auto overview = ask("/api/v1/overview");
  const auto& top = overview.at("top_findings").as_array();
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].at("code").as_string(), "dnsbl.zen");
  EXPECT_EQ(top[1].at("count").to_number<int>(), 20);
}

TEST_F(OverviewRoutes, WhatFailsIsTold) {
  history_.broken = true;
  const auto overview = ask("/api/v1/overview");
  std::vector<std::string> codes;
  for (const auto& one : overview.at("attention").as_array()) codes.emplace_back(one.at("code").as_string());
  EXPECT_THAT(codes, testing::ElementsAre("dependency", "history.failing"));
  EXPECT_EQ(overview.at("health").at(0).at("state").as_string(), "failing");
}

TEST_F(OverviewRoutes, ManyWhoAskAtOnceCostOneLook) {
  for (int i = 0; i < 10; ++i) ask("/api/v1/overview");
  EXPECT_EQ(history_.asked, 1);
  clock_.time += 1s;
  ask("/api/v1/overview");
  ask("/api/v1/overview", {{"range", "7d"}});
  EXPECT_EQ(history_.asked, 3);
}

TEST_F(OverviewRoutes, SettingsCountWhatFired) {
  history_.counts = {{"spf.fail", 20}};
  const auto settings = ask("/api/v1/settings");
  const auto& findings = settings.at("checks").at(0).at("findings").as_array();
  EXPECT_EQ(findings[0].at("fired").to_number<int>(), 0);
  EXPECT_EQ(findings[1].at("fired").to_number<int>(), 20);
}

}  // namespace
}  // namespace mailreeve::web
