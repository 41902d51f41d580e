// SPDX-License-Identifier: Apache-2.0
#include "web/waiting_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "judge/greylist.h"
#include "mail/characters.h"
#include "mail/date.h"
#include "net/blocking.h"
#include "store/wishes.h"
#include "support/memory_history.h"
#include "support/memory_queue.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const WallTime start = from_millis(1'790'000'000'000);

class FixedClock final : public Clock {
 public:
  WallTime now() const override { return start; }
  SteadyTime steady() const override { return {}; }
};

/// Searches as the archive does, as far as these routes ask.
class SearchedHistory final : public support::MemoryHistory {
 public:
  Task<Result<std::vector<store::HistoryRecord>>> search(store::HistoryFilter filter) override {
    auto all = records();
    std::ranges::sort(all, std::ranges::greater{}, &store::HistoryRecord::id);
    std::vector<store::HistoryRecord> found;
    for (auto& record : all) {
      auto text = filter.text;
      std::erase(text, '"');
      auto known = mail::lower(record.sender);
      for (const auto& recipient : record.recipients) known += ' ' + mail::lower(recipient);
      std::istringstream words{text};
      bool has_text = true;
      for (std::string word; words >> word;) has_text = has_text && known.find(mail::lower(word)) != std::string::npos;
      if (!filter.verdict.empty() && record.verdict != filter.verdict) continue;
      if (!has_text || (filter.since && record.time < *filter.since)) continue;
      if (filter.before && record.id >= *filter.before) continue;
      found.push_back(std::move(record));
    }
    if (found.size() > filter.limit) found.resize(filter.limit);
    co_return found;
  }
  Task<Result<std::optional<store::HistoryRecord>>> show(std::string id) override {
    for (const auto& record : records()) {
      if (record.id.text() == id) co_return record;
    }
    co_return std::optional<store::HistoryRecord>{};
  }
};

class KeptAudit final : public store::Audit {
 public:
  Task<Result<void>> add(std::vector<store::AuditEntry> more) override {
    for (auto& entry : more) entries.push_back(std::move(entry));
    co_return Result<void>{};
  }
  Task<Result<std::vector<store::AuditEntry>>> search(store::AuditFilter) override { co_return entries; }
  Task<Result<std::uint64_t>> expire(WallTime) override { co_return std::uint64_t{0}; }
  std::vector<store::AuditEntry> entries;
};

class WaitingRoutes : public testing::Test {
 protected:
  WaitingRoutes() {
    services_->history = &history_;
    services_->marks = marks_.get();
    services_->audit = &audit_;
    services_->live = &live_;
  }

  std::string post(WallTime time, std::string verdict, std::string sender, std::vector<std::string> recipients,
                   std::string client = "192.0.2.7") {
    store::HistoryRecord record;
    record.id = MessageId::make(time, random_);
    record.time = time;
    record.client = *IpAddress::parse(client);
    record.sender = std::move(sender);
    record.recipients = std::move(recipients);
    record.verdict = std::move(verdict);
    record.decided_by = record.verdict == "defer" ? "virus.unavailable" : "score";
    record.score = 4.5;
    history_.post(record);
    return record.id.text();
  }
  Call call(std::string address = {}) {
    Call call;
    call.services = services_;
    call.identity.name = address.empty() ? "alice" : address;
    call.identity.kind = address.empty() ? Identity::Kind::user : Identity::Kind::recipient;
    call.identity.address = std::move(address);
    return call;
  }
  static bj::array items(const net::HttpResponse& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    return bj::parse(response.body).as_object().at("items").as_array();
  }
  static std::vector<std::string> ids(const net::HttpResponse& response) {
    std::vector<std::string> all;
    for (const auto& item : items(response)) all.emplace_back(item.as_object().at("id").as_string());
    return all;
  }
  std::vector<std::string> waiting() { return ids(net::run_blocking(list_waiting(call()))); }
  net::HttpResponse let(const std::string& id, const std::string& address = {}) {
    auto asked = call(address);
    asked.request.body = bj::serialize(bj::object{{"ids", bj::array{id}}});
    return net::run_blocking(address.empty() ? let_in(asked) : let_in_own(asked));
  }

  support::MemoryQueue queue_;
  Metrics metrics_;
  FixedClock clock_;
  SeededRandom random_{7};
  SearchedHistory history_;
  KeptAudit audit_;
  std::unique_ptr<store::Marks> marks_ = store::make_memory_marks();
  Current<gateway::Live> live_{std::make_shared<const gateway::Live>(
      gateway::Live{.options = {}, .recipients = judge::AddressBook{{}}, .tls = {}, .plan = {}})};
  std::shared_ptr<Services> services_ =
      std::make_shared<Services>(Services{queue_, metrics_, clock_, [] { return Health{}; }, {}, {}});
};

TEST_F(WaitingRoutes, TriesOfOneSenderAreOneItem) {
  post(start - 2h, "greylist", "a@far.example", {"anna@example.org"});
  const auto last = post(start - 1h, "greylist", "A@far.example", {"Anna@example.org"}, "192.0.2.99");
  const auto other = post(start - 30min, "greylist", "a@far.example", {"anna@example.org"}, "198.51.100.1");
  const auto deferred = post(start - 20min, "defer", "b@far.example", {"anna@example.org"});
  post(start - 10min, "accept", "c@far.example", {"anna@example.org"});
  const auto response = net::run_blocking(list_waiting(call()));
  EXPECT_THAT(ids(response), ElementsAre(deferred, other, last));
  const auto joined = items(response)[2].as_object();
  EXPECT_EQ(joined.at("tries").to_number<int>(), 2);
  EXPECT_EQ(joined.at("kind").as_string(), "greylist");
  EXPECT_EQ(joined.at("first").as_string(), "2026-09-21T12:13:20.000Z");
  EXPECT_EQ(joined.at("ready").as_string(), "2026-09-21T12:16:20.000Z") << "the delay after the first try";
  EXPECT_EQ(joined.at("why").as_string(), "score 4.5: asked to come back");
  EXPECT_FALSE(joined.at("let_in").as_bool());
  EXPECT_TRUE(items(response)[0].as_object().at("ready").is_null());
}

TEST_F(WaitingRoutes, ATryThatWasPutOffBeginsNoGreylisting) {
  post(start - 15min, "defer", "a@sender.example", {"anna@example.org"});
  post(start - 1min, "greylist", "a@sender.example", {"anna@example.org"});
  const auto all = items(net::run_blocking(list_waiting(call())));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].as_object().at("first").as_string(), mail::iso8601(start - 1min));
  EXPECT_EQ(all[0].as_object().at("tries").to_number<int>(), 2);
}

TEST_F(WaitingRoutes, WhoCameBackIsNotWaiting) {
  post(start - 2h, "greylist", "a@far.example", {"anna@example.org"});
  post(start - 1h, "accept", "a@far.example", {"anna@example.org"}, "203.0.113.5");
  post(start - 2h, "greylist", "b@far.example", {"anna@example.org"});
  post(start - 1h, "reject", "b@far.example", {"anna@example.org"});
  post(start - 2h, "greylist", "c@far.example", {"anna@example.org"});
  post(start - 1h, "accept", "c@far.example", {"bert@example.org"});
  post(start - 4 * 24h, "greylist", "d@far.example", {"anna@example.org"});
  const auto listed = items(net::run_blocking(list_waiting(call())));
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].as_object().at("sender").as_string(), "c@far.example");
}

TEST_F(WaitingRoutes, PagesGoOn) {
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(post(start - 2h + i * 1min, "greylist", fmt::format("a{}@far.example", i), {"anna@example.org"}));
  }
  auto first = call();
  first.request.query = {{"limit", "3"}};
  const auto page = net::run_blocking(list_waiting(first));
  EXPECT_THAT(ids(page), ElementsAre(all[4], all[3], all[2]));
  auto second = call();
  second.request.query = {{"limit", "3"},
                          {"cursor", std::string{bj::parse(page.body).as_object().at("next").as_string()}}};
  EXPECT_THAT(ids(net::run_blocking(list_waiting(second))), ElementsAre(all[1], all[0]));
}

TEST_F(WaitingRoutes, LettingInIsNotedAndShown) {
  const auto id = post(start - 1h, "greylist", "a@far.example", {"anna@example.org"});
  const auto response = let(id);
  EXPECT_THAT(response.body, HasSubstr("\"ok\":true"));
  EXPECT_TRUE(items(net::run_blocking(list_waiting(call())))[0].as_object().at("let_in").as_bool());
  const auto key = judge::let_in_key("a@far.example", "anna@example.org", *IpAddress::parse("192.0.2.7"));
  EXPECT_TRUE(net::run_blocking(marks_->find(key, start)));
  ASSERT_EQ(audit_.entries.size(), 1U);
  EXPECT_EQ(audit_.entries[0].action, "waiting.let-in");
  EXPECT_EQ(audit_.entries[0].who, "alice");
  EXPECT_EQ(audit_.entries[0].object, id);
}

TEST_F(WaitingRoutes, OnlyWhatWasGreylistedCanBeLetIn) {
  const auto deferred = post(start - 1h, "defer", "a@far.example", {"anna@example.org"});
  EXPECT_THAT(let(deferred).body, HasSubstr("\"ok\":false"));
  EXPECT_THAT(let(MessageId::make(start, random_).text()).body, HasSubstr("there is no such mail"));
  EXPECT_EQ(let("nonsense").status, 400);
  EXPECT_THAT(audit_.entries, IsEmpty());
}

TEST_F(WaitingRoutes, ARecipientSeesAndLetsInOnlyHisOwn) {
  const auto theirs = post(start - 2h, "greylist", "a@far.example", {"bert@example.org"});
  const auto shared = post(start - 1h, "greylist", "b@far.example", {"bert@example.org", "Anna+x@example.org"});
  const auto response = net::run_blocking(list_own_waiting(call("anna@example.org")));
  EXPECT_THAT(ids(response), ElementsAre(shared));
  EXPECT_EQ(bj::serialize(items(response)[0].as_object().at("recipients")), R"(["Anna+x@example.org"])");
  EXPECT_THAT(let(theirs, "anna@example.org").body, HasSubstr("there is no such mail"));
  EXPECT_THAT(let(shared, "anna@example.org").body, HasSubstr("\"changed\":1"));
  const auto client = *IpAddress::parse("192.0.2.7");
  EXPECT_FALSE(net::run_blocking(marks_->find(judge::let_in_key("b@far.example", "bert@example.org", client), start)));
  EXPECT_TRUE(net::run_blocking(marks_->find(judge::let_in_key("b@far.example", "anna+x@example.org", client), start)));
}

TEST_F(WaitingRoutes, WhoeverHasNoAddressOwnsNothing) {
  post(start - 1h, "greylist", "b@far.example", {"bert@example.org"});
  auto nobody = call("x");
  nobody.identity.address.clear();
  EXPECT_THAT(items(net::run_blocking(list_own_waiting(nobody))), IsEmpty());
}

}  // namespace
}  // namespace mailreeve::web
