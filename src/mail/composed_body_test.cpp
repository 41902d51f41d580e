// SPDX-License-Identifier: Apache-2.0
#include "mail/composed_body.h"

#include <gtest/gtest.h>

namespace mailreeve::mail {
namespace {

std::shared_ptr<const Body> body_of(std::string text) { return std::make_shared<const MemoryBody>(std::move(text)); }

std::string read_in_pieces(const Body& body) {
  std::string out;
  std::string scratch;
  while (true) {
    const auto piece = body.read(out.size(), scratch);
    if (!piece || piece->empty()) return out;
    out += *piece;
  }
}

TEST(ComposedBody, PutsFieldsAboveLeavesFieldsOutAndInserts) {
  const auto composed = compose("A: 1\r\n", body_of("B: 2\r\nForged: x\r\nSubject: hi\r\n\r\ntext\r\n"),
                                {{6, 11, ""}, {26, 0, "[SPAM] "}});
  ASSERT_TRUE(composed);
  EXPECT_EQ(read_in_pieces(**composed), "A: 1\r\nB: 2\r\nSubject: [SPAM] hi\r\n\r\ntext\r\n");
  EXPECT_EQ((*composed)->size(), read_in_pieces(**composed).size());
}

TEST(ComposedBody, LargeOnesReadTheSameFromEveryOffset) {
  std::string text = "Cut: me\r\nKeep: me\r\n\r\n";
  while (text.size() < 2 * Body::chunk_size) text += "0123456789abcdef";
  const auto composed = compose("P: 1\r\n", body_of(text), {{0, 9, ""}});
  ASSERT_TRUE(composed);
  const auto expected = "P: 1\r\n" + text.substr(9);
  EXPECT_EQ(read_in_pieces(**composed), expected);
  std::string scratch;
  for (const std::uint64_t offset : {0ULL, 5ULL, 6ULL, 7ULL, 200'000ULL, 500'000ULL}) {
    const auto piece = (*composed)->read(offset, scratch);
    ASSERT_TRUE(piece);
    ASSERT_FALSE(piece->empty());
    EXPECT_EQ(*piece, std::string_view{expected}.substr(offset, piece->size()));
  }
  EXPECT_TRUE((*composed)->read(expected.size(), scratch)->empty());
}

TEST(ComposedBody, NothingToDoIsTheSameMessage) {
  const auto composed = compose("", body_of("A: 1\r\n\r\nx\r\n"), {});
  ASSERT_TRUE(composed);
  EXPECT_EQ(read_in_pieces(**composed), "A: 1\r\n\r\nx\r\n");
  const auto empty = compose("", body_of(""), {});
  ASSERT_TRUE(empty);
  EXPECT_EQ((*empty)->size(), 0U);
}

}  // namespace
}  // namespace mailreeve::mail
