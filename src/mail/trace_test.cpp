// SPDX-License-Identifier: Apache-2.0
#include "mail/trace.h"

#include <gtest/gtest.h>

#include "mail/body.h"
#include "mail/date.h"

namespace mailreeve::mail {
namespace {

using namespace std::chrono_literals;

const WallTime evening{1'795'212'900'123ms};  // 2026-11-20 22:15:00.123 UTC

TEST(Date, IsWrittenInBothForms) {
  EXPECT_EQ(rfc5322_date(evening), "Fri, 20 Nov 2026 22:15:00 +0000");
  EXPECT_EQ(iso8601(evening), "2026-11-20T22:15:00.123Z");
  EXPECT_EQ(rfc5322_date(WallTime{}), "Thu, 1 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(iso8601(WallTime{std::chrono::seconds{2'147'483'648}}), "2038-01-19T03:14:08.000Z");
}

ReceivedFacts facts() {
  ReceivedFacts facts;
  facts.helo = "client.example";
  facts.client = IpAddress::v4(0xc0000201);
  facts.server_name = "mx.example.org";
  facts.protocol = "ESMTPS";
  facts.tls_version = "TLSv1.3";
  facts.tls_cipher = "TLS_AES_256_GCM_SHA384";
  facts.tls_bits = 256;
  facts.id = "01KABC";
  facts.recipient = "user@example.org";
  facts.time = evening;
  return facts;
}

TEST(Received, TellsAllAndFolds) {
  EXPECT_EQ(received_field(facts()),
            "Received: from client.example ([192.0.2.1]) by mx.example.org with ESMTPS\r\n"
            "\t(TLSv1.3 TLS_AES_256_GCM_SHA384 256 bits) id 01KABC for <user@example.org>;\r\n"
            "\tFri, 20 Nov 2026 22:15:00 +0000\r\n");
}

TEST(Received, NothingThePeerSaidBreaksOut) {
  auto hostile = facts();
  hostile.helo = "a\r\nX-Evil: 1 (b;" + std::string(1000, 'y');
  const auto field = received_field(hostile);
  EXPECT_EQ(field.find("X-Evil: "), std::string::npos);
  EXPECT_LT(field.size(), 700U);
  for (std::size_t at = field.find("\r\n"); at + 2 < field.size(); at = field.find("\r\n", at + 2))
    EXPECT_EQ(field[at + 2], '\t');
  hostile.helo.clear();
  hostile.tls_version.clear();
  hostile.recipient.reset();
  EXPECT_TRUE(
      received_field(hostile).starts_with("Received: from [192.0.2.1] ([192.0.2.1]) by mx.example.org with ESMTPS id"));
}

TEST(LoopDetector, CountsReceivedFieldsInAnyPieces) {
  const std::string message =
      "Received: from a\r\n\tby MX.Example.org; today\r\n"
      "received: from x (by mx.example.org) by other.example; today\r\n"
      "Received: by mx.example.org.evil.example; today\r\n"
      "X-Received: by mx.example.org\r\n"
      "Subject: by mx.example.org\r\n"
      " Received: folded\r\n"
      "Received: from b by mx.example.org;today\r\n"
      "\r\n"
      "Received: in the body by mx.example.org\r\n";
  for (std::size_t piece = 1; piece <= message.size(); ++piece) {
    LoopDetector loops{"mx.example.org"};
    for (std::size_t at = 0; at < message.size(); at += piece) loops.feed(std::string_view{message}.substr(at, piece));
    EXPECT_EQ(loops.received_fields(), 4U) << piece;
    EXPECT_EQ(loops.own_fields(), 2U) << piece;
    EXPECT_FALSE(loops.in_header());
  }
}

TEST(LoopDetector, OurOwnFieldCounts) {
  LoopDetector loops{"mx.example.org"};
  loops.feed(received_field(facts()) + "\r\n");
  EXPECT_EQ(loops.own_fields(), 1U);
}

TEST(Body, IsReadWholeUpToTheLimit) {
  const MemoryBody body{std::string(600'000, 'x')};
  EXPECT_EQ(read_whole(body, 600'000)->size(), 600'000U);
  EXPECT_EQ(read_whole(body, 599'999).error().kind, ErrorKind::full);
}

TEST(Date, IsReadInEveryFormThatPeopleSend) {
  for (const auto* text : {"Fri, 20 Nov 2026 22:15:00 +0000", "20 Nov 2026 22:15 GMT", "Fri, 20 Nov 26 17:15:00 EST",
                           "Fri,20 Nov 2026 23:15:00 +0100 (CET (winter))", " Fri, 20 November 2026 22:15:00 -0000"}) {
    const auto time = parse_date(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, WallTime{1'795'212'900'000ms}) << text;
  }
  EXPECT_EQ(parse_date("1 Jan 2106 00:00:00 +0000"), WallTime{std::chrono::seconds{4'291'747'200}});
}

TEST(Date, WhatIsNoDateIsNone) {
  for (const auto* text : {"", "yesterday", "Fri, 31 Feb 2026 10:00:00 +0000", "20 Nov 2026", "20 Nov 2026 25:00 +0000",
                           "20 Nov 2026 10:61 +0000", "20 Foo 2026 10:00 +0000", "20 Nov 2026 10:00 +00000",
                           "99999999999 Nov 1 1:1", "Fri, 20 Nov 2026 10-00-00"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

}  // namespace
}  // namespace mailreeve::mail
