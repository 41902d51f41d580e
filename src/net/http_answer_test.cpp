// SPDX-License-Identifier: Apache-2.0
#include "net/http_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::net {
namespace {

using testing::HasSubstr;

constexpr std::size_t limit = 1000;
const std::string measured = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello";
const std::string chunked =
    "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

TEST(HttpAnswer, IsReadAtAnySplit) {
  for (const auto& whole : {measured, chunked}) {
    for (std::size_t split = 0; split <= whole.size(); ++split) {
      HttpAnswerReader reader{limit};
      const auto first = reader.take(std::string_view{whole}.substr(0, split));
      ASSERT_TRUE(first) << split;
      EXPECT_EQ(*first, split == whole.size()) << split;
      const auto second = reader.take(std::string_view{whole}.substr(split));
      ASSERT_TRUE(second) << split;
      EXPECT_TRUE(*second) << split;
      const auto answer = reader.answer();
      EXPECT_EQ(answer.body, "hello");
      EXPECT_EQ(answer.status, &whole == &chunked ? 403 : answer.status);
    }
  }
}

TEST(HttpAnswer, OctetByOctet) {
  HttpAnswerReader reader{limit};
  bool done = false;
  for (const char c : chunked) {
    const auto taken = reader.take({&c, 1});
    ASSERT_TRUE(taken);
    done = *taken;
  }
  EXPECT_TRUE(done);
  EXPECT_EQ(reader.answer().status, 403);
}

TEST(HttpAnswer, AnEmptyBodyInChunksMayComeInPieces) {
  const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  HttpAnswerReader reader{limit};
  bool done = false;
  for (const char c : whole) {
    EXPECT_FALSE(done);
    const auto taken = reader.take({&c, 1});
    ASSERT_TRUE(taken);
    done = *taken;
  }
  EXPECT_TRUE(done);
  EXPECT_EQ(reader.answer().body, "");
}

TEST(HttpAnswer, MayEndWithTheConnection) {
  HttpAnswerReader reader{limit};
  EXPECT_FALSE(*reader.take("HTTP/1.0 200 OK\r\n\r\nhello"));
  ASSERT_TRUE(reader.finish());
  EXPECT_EQ(reader.answer().body, "hello");
}

TEST(HttpAnswer, OneCutShortIsNone) {
  for (std::size_t size = 0; size < measured.size(); ++size) {
    HttpAnswerReader reader{limit};
    ASSERT_TRUE(reader.take(std::string_view{measured}.substr(0, size))) << size;
    EXPECT_FALSE(reader.finish()) << size;
  }
}

TEST(HttpAnswer, WhatIsNoHttpOrTooLongIsRefused) {
  const auto refusal = [](const std::string& bytes) {
    HttpAnswerReader reader{limit};
    std::string why;
    for (std::size_t at = 0; at < bytes.size() && why.empty(); at += 100) {
      const auto taken = reader.take(std::string_view{bytes}.substr(at, 100));
      if (!taken) why = taken.error().text;
    }
    return why;
  };
  EXPECT_THAT(refusal("SPAMD/1.1 0 EX_OK\r\n\r\n"), HasSubstr("no HTTP"));
  EXPECT_THAT(refusal("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), HasSubstr("no HTTP"));
  EXPECT_THAT(refusal("HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x')), HasSubstr("no HTTP"));
  EXPECT_THAT(refusal("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')), HasSubstr("no HTTP"));
  EXPECT_THAT(refusal(std::string(100'000, 'x')), HasSubstr("no HTTP"));
  std::string dripping = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) dripping += "1\r\nx\r\n";
  EXPECT_THAT(refusal(dripping), HasSubstr("no HTTP"));
}

}  // namespace
}  // namespace mailreeve::net
