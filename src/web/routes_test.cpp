// SPDX-License-Identifier: Apache-2.0
#include "web/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "net/blocking.h"
#include "support/memory_queue.h"
#include "web/queue_json.h"

namespace mailreeve::web {
namespace {

using testing::HasSubstr;

Task<ReloadAnswer> answer_with(ReloadAnswer answer) { co_return answer; }

class RoutesTest : public testing::Test {
 protected:
  RoutesTest() : public_{make_public_handler(services())}, control_{make_control_handler(services())} {}

  Services services() {
    return {queue_,
            metrics_,
            clock_,
            [this] { return health_; },
            [this] { return answer_with(reload_); },
            [this] { ++wakes_; }};
  }

  MessageId add(const std::string& sender, const std::string& recipient,
                store::RecipientState state = store::RecipientState::queued) {
    store::NewMessage message;
    message.message.id = MessageId::make(from_millis(1'000'000 + added_++), random_);
    message.message.accepted = from_millis(1'700'000'000'123);
    message.message.size = 5;
    if (!sender.empty()) message.message.envelope.sender = *mail::Mailbox::parse(sender);
    store::QueuedRecipient to;
    to.envelope.address = *mail::Mailbox::parse(recipient);
    to.destination = to.envelope.address.domain().text();
    to.state = state;
    to.due = from_millis(1'700'000'300'000);
    to.attempts = 2;
    to.last_reply = "451 4.3.0 \"later\"\x01\xff";
    message.message.recipients = {to};
    message.body = std::make_shared<mail::MemoryBody>("hello");
    const auto id = message.message.id;
    EXPECT_TRUE(net::run_blocking(queue_.accept(std::move(message))));
    return id;
  }

  net::HttpResponse ask(const std::string& method, const std::string& path,
                        const std::map<std::string, std::string>& query = {}) {
    return net::run_blocking(control_({method, path, query, ""}));
  }
  net::HttpResponse ask_public(const std::string& method, const std::string& path) {
    return net::run_blocking(public_({method, path, {}, ""}));
  }
  std::int64_t changed(const net::HttpResponse& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    return boost::json::parse(response.body).at("changed").to_number<std::int64_t>();
  }
  std::string state_of(MessageId id) {
    const auto found = net::run_blocking(queue_.show(id));
    return *found ? std::string{store::name((*found)->recipients.at(0).state)} : "gone";
  }

  support::MemoryQueue queue_;
  Metrics metrics_;
  SystemClock clock_;
  SeededRandom random_{1};
  Health health_;
  ReloadAnswer reload_;
  int wakes_ = 0;
  int added_ = 0;
  net::HttpHandler public_;
  net::HttpHandler control_;
};

TEST_F(RoutesTest, HealthSaysWhetherToSendMailHere) {
  EXPECT_EQ(ask_public("GET", "/healthz").status, 200);
  EXPECT_EQ(ask_public("GET", "/healthz").body, "{\"status\":\"ok\"}\n");
  health_ = {false, "draining"};
  EXPECT_EQ(ask_public("GET", "/healthz").status, 503);
  EXPECT_THAT(ask_public("GET", "/healthz").body, HasSubstr("draining"));
  health_ = {};
  queue_.break_down();
  EXPECT_EQ(ask_public("GET", "/healthz").status, 503);
  EXPECT_THAT(ask_public("GET", "/healthz").body, HasSubstr("store failing"));
}

TEST_F(RoutesTest, MetricsAreInPrometheusForm) {
  metrics_.counter("mailreeve_things_total", "Things").add(3);
  const auto answer = ask_public("GET", "/metrics");
  EXPECT_EQ(answer.type, "text/plain; version=0.0.4");
  EXPECT_THAT(answer.body, HasSubstr("mailreeve_things_total 3"));
}

TEST_F(RoutesTest, NobodyGetsNothingOfTheApi) {
  add("a@x.example", "b@y.example");
  for (const auto* path : {"/api/v1/queue", "/api/v1/status", "/api/v1/history"}) {
    const auto answer = ask_public("GET", path);
    EXPECT_EQ(answer.status, 401) << path;
    EXPECT_EQ(answer.type, "application/problem+json");
  }
  for (const auto* path : {"/api/v1/reload", "/api/v1/queue/drop"}) {
    EXPECT_EQ(ask_public("POST", path).status, 401) << path;
  }
}

TEST_F(RoutesTest, MetricsAreForThisMachineAndForThoseWhoMaySeeThem) {
  net::HttpRequest request{"GET", "/metrics", {}, ""};
  request.client = *IpAddress::parse("127.0.0.1");
  EXPECT_EQ(net::run_blocking(public_(request)).status, 200);
  request.client = *IpAddress::parse("192.0.2.1");
  EXPECT_EQ(net::run_blocking(public_(request)).status, 401);
}

TEST_F(RoutesTest, AWrongMethodIsToldWhichIsRight) {
  const auto answer = ask("DELETE", "/api/v1/queue/0123");
  EXPECT_EQ(answer.status, 405);
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0], (std::pair<std::string, std::string>{"Allow", "POST, GET, HEAD"}));
  EXPECT_EQ(ask_public("POST", "/healthz").status, 405);
  EXPECT_EQ(ask_public("HEAD", "/healthz").status, 200);
}

TEST_F(RoutesTest, UnknownAddressesAreProblems) {
  for (const auto* path : {"/nothing", "/healthz/", "//healthz", "/api/v1/queue//body", "*", ""}) {
    const auto answer = ask("GET", path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.type, "application/problem+json");
  }
}

TEST_F(RoutesTest, TheQueueIsListedAndReadsBack) {
  add("a@x.example", "b@y.example");
  add("", "c@z.example", store::RecipientState::held);
  const auto answer = ask("GET", "/api/v1/queue");
  ASSERT_EQ(answer.status, 200);
  const auto page = parse_queue_page(answer.body);
  ASSERT_TRUE(page) << page.error().text;
  ASSERT_EQ(page->messages.size(), 2U);
  const auto& first = page->messages[0];
  EXPECT_EQ(first.sender, "a@x.example");
  EXPECT_EQ(first.accepted, from_millis(1'700'000'000'123));
  EXPECT_EQ(first.recipients.at(0).due, from_millis(1'700'000'300'000));
  EXPECT_EQ(first.recipients.at(0).reply, "451 4.3.0 \"later\"\x01\\xff");
  EXPECT_EQ(page->messages[1].sender, std::nullopt);
  EXPECT_EQ(page->messages[1].recipients.at(0).due, std::nullopt);
  EXPECT_EQ(page->next, "");
}

TEST_F(RoutesTest, TheQueueIsPaged) {
  for (int i = 0; i < 5; ++i) add("a@x.example", "b@y.example");
  std::size_t seen = 0;
  std::map<std::string, std::string> query{{"limit", "2"}};
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = parse_queue_page(ask("GET", "/api/v1/queue", query).body);
    ASSERT_TRUE(page);
    seen += page->messages.size();
    if (page->next.empty()) break;
    query["after"] = page->next;
  }
  EXPECT_EQ(seen, 5U);
}

TEST_F(RoutesTest, FiltersNarrowTheList) {
  add("a@x.example", "b@y.example");
  add("a@x.example", "c@z.example", store::RecipientState::held);
  const auto count = [this](const std::string& key, const std::string& value) {
    return parse_queue_page(ask("GET", "/api/v1/queue", {{key, value}}).body)->messages.size();
  };
  EXPECT_EQ(count("state", "held"), 1U);
  EXPECT_EQ(count("destination", "y.example"), 1U);
  EXPECT_EQ(count("sender", "A@X.example"), 2U);
  EXPECT_EQ(count("recipient", "nobody@y.example"), 0U);
}

TEST_F(RoutesTest, WhatIsNotUnderstoodIsRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong{{"state", "heldd"}, {"limit", "0"}, {"limit", "1001"},
                                                               {"limit", "1x"},    {"after", "x"}, {"sendr", "a"},
                                                               {"sender", ""}};
  for (const auto& [key, value] : wrong) {
    EXPECT_EQ(ask("GET", "/api/v1/queue", {{key, value}}).status, 400) << key << '=' << value;
  }
}

TEST_F(RoutesTest, OneMessageIsShownAndItsBodyToo) {
  const auto id = add("a@x.example", "b@y.example");
  const auto entry = parse_queue_entry(ask("GET", "/api/v1/queue/" + id.text()).body);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->id, id.text());
  const auto body = ask("GET", "/api/v1/queue/" + id.text() + "/body");
  EXPECT_EQ(body.type, "message/rfc822");
  EXPECT_EQ(body.body, "hello");
  const auto other = MessageId::make(from_millis(5), random_).text();
  for (const auto& path :
       {"/api/v1/queue/" + other, "/api/v1/queue/" + other + "/body", std::string{"/api/v1/queue/x"}}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
}

TEST_F(RoutesTest, AnOperatorHoldsReleasesRetriesAndDrops) {
  const auto id = add("a@x.example", "b@y.example");
  const auto path = "/api/v1/queue/" + id.text();
  EXPECT_EQ(changed(ask("POST", path + "/hold")), 1);
  EXPECT_EQ(state_of(id), "held");
  EXPECT_EQ(wakes_, 0);
  EXPECT_EQ(changed(ask("POST", path + "/release")), 1);
  EXPECT_EQ(state_of(id), "queued");
  EXPECT_EQ(changed(ask("POST", path + "/retry")), 1);
  EXPECT_EQ(wakes_, 2);
  EXPECT_EQ(changed(ask("POST", path + "/drop")), 1);
  EXPECT_EQ(state_of(id), "gone");
  EXPECT_EQ(ask("POST", path + "/drop").status, 404);
}

TEST_F(RoutesTest, ManyAreChangedOnlyByAFilterOrAll) {
  const auto mine = add("a@x.example", "b@y.example");
  const auto other = add("a@x.example", "c@z.example");
  EXPECT_EQ(ask("POST", "/api/v1/queue/drop").status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/queue/drop", {{"destinaton", "y.example"}}).status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/queue/drop", {{"all", "no"}}).status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/queue/drop", {{"all", "true"}, {"limit", "1"}}).status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/queue/burn", {{"all", "true"}}).status, 404);
  EXPECT_EQ(ask("POST", "/api/v1/queue/" + mine.text() + "/drop", {{"all", "true"}}).status, 400);
  EXPECT_EQ(changed(ask("POST", "/api/v1/queue/drop", {{"destination", "y.example"}})), 1);
  EXPECT_EQ(state_of(mine), "gone");
  EXPECT_EQ(state_of(other), "queued");
  EXPECT_EQ(changed(ask("POST", "/api/v1/queue/hold", {{"all", "true"}})), 1);
}

TEST_F(RoutesTest, ABrokenStoreIsUnavailable) {
  const auto id = add("a@x.example", "b@y.example");
  queue_.break_down();
  for (const auto& path : {std::string{"/api/v1/queue"}, "/api/v1/queue/" + id.text(), std::string{"/api/v1/status"}}) {
    EXPECT_EQ(ask("GET", path).status, 503) << path;
  }
  EXPECT_EQ(ask("POST", "/api/v1/queue/drop", {{"all", "true"}}).status, 503);
}

TEST_F(RoutesTest, ReloadTellsWhatTheGatewaySaid) {
  reload_ = {true, {"m.toml:3:1: warning: this does nothing"}};
  EXPECT_EQ(ask("POST", "/api/v1/reload").status, 200);
  reload_ = {false, {"m.toml:3:1: error: no"}};
  const auto refused = ask("POST", "/api/v1/reload");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("m.toml:3:1: error: no"));
}

TEST_F(RoutesTest, StatusCountsTheQueue) {
  add("a@x.example", "b@y.example");
  EXPECT_THAT(ask("GET", "/api/v1/status").body, HasSubstr("\"messages\":1,\"queued\":1"));
}

TEST(QueueJson, SomethingElseIsNotUnderstood) {
  for (const auto* text : {"", "[]", "{}", "{\"messages\":1}", "{\"messages\":[{}],\"next\":null}"}) {
    EXPECT_FALSE(parse_queue_page(text)) << text;
    EXPECT_FALSE(parse_queue_entry(text)) << text;
  }
}

}  // namespace
}  // namespace mailreeve::web
