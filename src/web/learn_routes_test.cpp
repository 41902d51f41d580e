// SPDX-License-Identifier: Apache-2.0
#include "web/learn_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/blocking.h"
#include "support/memory_queue.h"
#include "web/routes.h"

namespace mailreeve::web {
namespace {

using store::MailClass;
using testing::HasSubstr;

class LearnRoutes : public testing::Test {
 protected:
  net::HttpHandler handler(store::WordCounts* words) {
    return make_control_handler(Services{queue_, metrics_, clock_, [] { return Health{}; }, {}, {}, nullptr, words});
  }
  net::HttpResponse post(const std::string& body) {
    return net::run_blocking(handler(words_.get())({"POST", "/api/v1/learn", {}, body}));
  }
  net::HttpResponse get(const std::map<std::string, std::string>& query = {}) {
    return net::run_blocking(handler(words_.get())({"GET", "/api/v1/learn", query, ""}));
  }

  support::MemoryQueue queue_;
  Metrics metrics_;
  SystemClock clock_;
  std::unique_ptr<store::WordCounts> words_ = store::make_memory_word_counts();
};

TEST_F(LearnRoutes, BothEndsOfARequestAgree) {
  const std::string name("\x00\x7f\xff", 3);
  const auto body = lesson_request("example.org", {{name, MailClass::spam, {0, 0xffff'ffff'ffff'ffffULL, 42}},
                                                   {"b", MailClass::ham, {}},
                                                   {"c", std::nullopt, {1}}});
  const auto request = read_lesson_request(body);
  ASSERT_TRUE(request) << request.error().text;
  EXPECT_EQ(request->scope, "example.org");
  ASSERT_EQ(request->lessons.size(), 3U);
  EXPECT_EQ(request->lessons[0].message, name);
  EXPECT_EQ(request->lessons[0].words, (std::vector<std::uint64_t>{0, 0xffff'ffff'ffff'ffffULL, 42}));
  EXPECT_EQ(request->lessons[1].as, MailClass::ham);
  EXPECT_FALSE(request->lessons[2].as);
}

TEST_F(LearnRoutes, TeachesAndTellsWhatIsKnown) {
  const auto answer = post(lesson_request("", {{"a", MailClass::spam, {1}}, {"b", MailClass::ham, {1}}}));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto counts = lesson_answer(answer.body);
  ASSERT_TRUE(counts) << counts.error().text;
  EXPECT_EQ(counts->learnt, 2U);
  EXPECT_EQ(get().body, "{\"spam\":1,\"ham\":1}\n");
  EXPECT_EQ(get({{"scope", "example.org"}}).body, "{\"spam\":0,\"ham\":0}\n");
}

TEST_F(LearnRoutes, WhatIsNotUnderstoodTeachesNothing) {
  for (const char* body :
       {"", "[]", "{}", R"({"lessons":{}})", R"({"lessons":[1]})", R"({"lessons":[{"message":"zz","as":"spam"}]})",
        R"({"lessons":[{"message":"61","as":"eggs","words":""}]})",
        R"({"lessons":[{"message":"","as":"spam","words":""}]})",
        R"({"lessons":[{"message":"61","as":"spam","words":"123"}]})",
        R"({"lessons":[{"message":"61","as":"spam","words":"000000000000000g"}]})",
        R"({"scope":"no domain","lessons":[]})"}) {
    const auto answer = post(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr("\"detail\""));
  }
  EXPECT_EQ(words_->messages(""), store::WordCount{});
  EXPECT_EQ(get({{"scope", "no domain"}}).status, 400);
}

TEST_F(LearnRoutes, WithoutAStoreItSaysSo) {
  EXPECT_EQ(net::run_blocking(handler(nullptr)({"GET", "/api/v1/learn", {}, ""})).status, 503);
}

}  // namespace
}  // namespace mailreeve::web
