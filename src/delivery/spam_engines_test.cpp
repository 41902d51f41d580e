// SPDX-License-Identifier: Apache-2.0
#include "delivery/spam_engines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_stream.h"
#include "support/run.h"

namespace mailreeve::delivery {
namespace {

using judge::SpamAnswer;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr int fine = 200;

judge::SpamQuestion question(std::string message = "Subject: x\r\n\r\nhello\r\n") {
  judge::SpamQuestion question;
  question.client = *IpAddress::parse("192.0.2.7");
  question.helo = "mx.sender.example";
  question.client_name = "mx.sender.example";
  question.own_name = "mx.ours.example";
  question.sender = *mail::Mailbox::parse("person@sender.example");
  question.recipients = {*mail::Mailbox::parse("a@ours.example"), *mail::Mailbox::parse("b@ours.example")};
  question.body = std::make_shared<const mail::MemoryBody>(std::move(message));
  return question;
}

judge::SpamEngineOptions engine() { return {1.0, 1000}; }

auto symbol(const char* name, double score) {
  return testing::AllOf(Field(&judge::SpamSymbol::name, name), Field(&judge::SpamSymbol::score, score));
}

TEST(RspamdAnswer, HasScoreActionAndSymbols) {
  const auto answer =
      read_rspamd_answer(fine, R"({"is_skipped":false,"score":7.3,"required_score":15,"action":"add header","symbols":{
               "RDNS_NONE":{"name":"RDNS_NONE","score":1.0,"options":["x"]},"GOOD":{"score":-2},"ODD":7}})");
  ASSERT_TRUE(answer.is_known) << answer.why;
  EXPECT_EQ(answer.score, 7.3);
  EXPECT_EQ(answer.threshold, 15);
  EXPECT_EQ(answer.action, "add header");
  EXPECT_THAT(answer.symbols, ElementsAre(symbol("RDNS_NONE", 1.0), symbol("GOOD", -2), symbol("ODD", 0)));
}

TEST(RspamdAnswer, WithoutAScoreNothingIsKnown) {
  for (const auto* json : {"", "garbage", "[]", "7", "{}", R"({"score":"7","required_score":15})", R"({"score":7})",
                           R"({"score":1e999,"required_score":15})", R"({"score":7,"required_score":15)"}) {
    const auto answer = read_rspamd_answer(fine, json);
    EXPECT_FALSE(answer.is_known) << json;
    EXPECT_FALSE(answer.why.empty()) << json;
  }
  EXPECT_FALSE(read_rspamd_answer(fine, std::string(100'000, '[')).is_known);
}

TEST(RspamdAnswer, AnErrorIsTold) {
  EXPECT_EQ(read_rspamd_answer(403, "{\"error\":\"Unauthorized\\nx\"}").why, "HTTP 403: Unauthorized?x");
  EXPECT_EQ(read_rspamd_answer(502, "<html>").why, "HTTP 502");
  EXPECT_FALSE(read_rspamd_answer(500, R"({"score":7,"required_score":15})").is_known);
}

TEST(RspamdAnswer, ManySymbolsAreCut) {
  std::string json = R"({"score":1,"required_score":15,"symbols":{)";
  for (int i = 0; i < 2000; ++i) json += fmt::format("{}\"S{}\":{{\"score\":1}}", i == 0 ? "" : ",", i);
  const auto answer = read_rspamd_answer(fine, json + "}}");
  ASSERT_TRUE(answer.is_known);
  EXPECT_EQ(answer.symbols.size(), engine_symbol_limit);
}

TEST(RspamdRequest, TellsTheEnvelope) {
  auto options = engine();
  options.password = "secret";
  const auto request = rspamd_request(options, question());
  EXPECT_THAT(request, StartsWith("POST /checkv2 HTTP/1.1\r\n"));
  for (const auto* line : {"Content-Length: 21\r\n", "Password: secret\r\n", "IP: 192.0.2.7\r\n",
                           "Helo: mx.sender.example\r\n", "Hostname: mx.sender.example\r\n",
                           "From: person@sender.example\r\n", "Rcpt: a@ours.example\r\n", "Rcpt: b@ours.example\r\n"}) {
    EXPECT_THAT(request, HasSubstr(line));
  }
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST(RspamdRequest, NothingFromOutsideEndsALine) {
  auto asked = question();
  asked.helo = "a\r\nSettings: {}";
  asked.client_name = "b\nPassword: x";
  asked.sender.reset();
  const auto request = rspamd_request(engine(), asked);
  EXPECT_THAT(request, HasSubstr("Helo: a??Settings: {}\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("\nPassword:")));
  EXPECT_THAT(request, HasSubstr("From: <>\r\n"));
}

const std::string report =
    "SPAMD/1.1 0 EX_OK\r\nContent-length: 525\r\nSpam: True ; 998.7 / 5.0\r\n\r\n"
    "Spam detection software has identified it.\n\n"
    "Content preview:  ---- ----\n---- ----------\n 5.0 FORGED_BY_MESSAGE x\n\n"
    "Content analysis details:   (998.7 points, 5.0 required)\n\n"
    " pts rule name              description\n"
    "---- ---------------------- --------------------------------------------------\n"
    "1000 GTUBE                  BODY: Generic Test for Unsolicited Bulk Email\n"
    "-1.3 ALL_TRUSTED            Passed through trusted hosts only via SMTP\n"
    "                            [7.0 NOT_A_RULE x]\n"
    " 0.0 NO_RECEIVED            Informational\n";

TEST(SpamdAnswer, HasScoreAndSymbols) {
  const auto answer = read_spamd_answer(report);
  ASSERT_TRUE(answer.is_known) << answer.why;
  EXPECT_EQ(answer.score, 998.7);
  EXPECT_EQ(answer.threshold, 5.0);
  EXPECT_EQ(answer.action, "spam");
  EXPECT_THAT(answer.symbols,
              ElementsAre(symbol("GTUBE", 1000), symbol("ALL_TRUSTED", -1.3), symbol("NO_RECEIVED", 0)));
}

TEST(SpamdAnswer, WithoutAReportThereIsAScoreAllTheSame) {
  const auto answer = read_spamd_answer("SPAMD/1.5 0 EX_OK\nSpam: no ; -2.5 / 5\n\n");
  ASSERT_TRUE(answer.is_known) << answer.why;
  EXPECT_EQ(answer.score, -2.5);
  EXPECT_EQ(answer.action, "not spam");
  EXPECT_TRUE(answer.symbols.empty());
}

TEST(SpamdAnswer, WhatIsCutShortOrOddIsNotKnown) {
  for (std::size_t size = 0; size + 1 < report.size(); ++size) {
    EXPECT_FALSE(read_spamd_answer(report.substr(0, size)).is_known) << size;
  }
  for (const auto* answer :
       {"garbage", "SPAMD/1.1", "SPAMD/1.1 76 EX_PROTOCOL\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "SPAMD/1.1 0 EX_OK\r\n\r\n", "SPAMD/1.1 0 EX_OK\r\nSpam: True\r\n\r\n",
        "SPAMD/1.1 0 EX_OK\r\nSpam: maybe ; 1 / 5\r\n\r\n", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; inf / 5\r\n\r\n",
        "SPAMD/1.1 0 EX_OK\r\nSpam: True ; nan / 5\r\n\r\n", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1 / 5 / 7\r\n\r\n"}) {
    const auto read = read_spamd_answer(answer);
    EXPECT_FALSE(read.is_known) << answer;
    EXPECT_FALSE(read.why.empty()) << answer;
  }
}

TEST(SpamdRequest, PutsTheClientAboveTheMessage) {
  auto options = engine();
  options.user = "mail";
  auto asked = question();
  asked.helo = "evil (x [10.0.0.1])\r\n";
  const auto request = spamd_request(options, asked, from_millis(1'700'000'000'000));
  EXPECT_EQ(request,
            fmt::format("REPORT SPAMC/1.5\r\nContent-length: {}\r\nUser: mail\r\n\r\n"
                        "Return-Path: <person@sender.example>\r\n"
                        "Received: from evil??x??10.0.0.1???? (mx.sender.example [192.0.2.7])\r\n"
                        "\tby mx.ours.example (Postfix) with ESMTP id 0;\r\n\tTue, 14 Nov 2023 22:13:20 +0000\r\n",
                        request.size() - request.find("Return-Path") + asked.body->size()));
}

TEST(SpamdRequest, OfAnUnknownClientIsTheMessageAlone) {
  auto asked = question();
  asked.client = {};
  EXPECT_EQ(spamd_request(engine(), asked, {}), "REPORT SPAMC/1.5\r\nContent-length: 21\r\n\r\n");
}

}  // namespace
}  // namespace mailreeve::delivery
