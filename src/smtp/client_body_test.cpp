// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "smtp/client.h"

namespace mailreeve::smtp {
namespace {

/// What RFC 5321 4.5.2 says, line by line and slowly.
std::string reference(const std::string& body) {
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (line.starts_with('.')) out += '.';
    out += line;
    line.clear();
  };
  for (const char c : body) {
    line += c;
    if (line.ends_with("\r\n")) flush();
  }
  const bool ends_in_line_end = line.empty();
  flush();
  return out + (ends_in_line_end ? ".\r\n" : "\r\n.\r\n");
}

TEST(BodyEncoder, DoublesDotsAtLineStarts) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ".\r\n"},
      {"x", "x\r\n.\r\n"},
      {"x\r\n", "x\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"..\r\n.x\r\n", "...\r\n..x\r\n.\r\n"},
      {"a.b\r\n.\r\n", "a.b\r\n..\r\n.\r\n"},
      {"\r\n.\r\n\r\n.", "\r\n..\r\n\r\n..\r\n.\r\n"},
  };
  for (const auto& [body, wire] : cases) {
    BodyEncoder encoder;
    std::string out;
    encoder.encode(body, out);
    encoder.end(out);
    EXPECT_EQ(out, wire);
  }
}

TEST(BodyEncoder, GivesTheSameForEverySplit) {
  const std::string body = ".a\r\n.\r\n..\r\nx.y\r\n\r\n.\r\n.";
  const auto expected = reference(body);
  for (std::size_t first = 0; first <= body.size(); ++first) {
    for (std::size_t second = first; second <= body.size(); ++second) {
      BodyEncoder encoder;
      std::string out;
      encoder.encode(body.substr(0, first), out);
      encoder.encode(body.substr(first, second - first), out);
      encoder.encode(body.substr(second), out);
      encoder.end(out);
      ASSERT_EQ(out, expected) << first << ' ' << second;
    }
  }
}

TEST(BodyEncoder, AgreesWithTheRuleOnRandomBodiesInRandomPieces) {
  std::mt19937 random{2};
  const std::string octets = "..\r\n\r\nab";
  for (int round = 0; round < 5000; ++round) {
    std::string body(random() % 40, ' ');
    for (char& c : body) c = octets[random() % octets.size()];
    BodyEncoder encoder;
    std::string out;
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t size = 1 + random() % 5;
      encoder.encode(std::string_view{body}.substr(at, size), out);
      at += size;
    }
    encoder.end(out);
    ASSERT_EQ(out, reference(body)) << ::testing::PrintToString(body);
  }
}

}  // namespace
}  // namespace mailreeve::smtp
