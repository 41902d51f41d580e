// SPDX-License-Identifier: Apache-2.0
#include "smtp/reply.h"

#include <gtest/gtest.h>

namespace mailreeve::smtp {
namespace {

TEST(Reply, IsWrittenForTheWireAndForLogs) {
  Reply reply{550, "5.1.1", "No such user"};
  EXPECT_EQ(reply.wire(), "550 5.1.1 No such user\r\n");
  EXPECT_EQ(reply.text(), "550 5.1.1 No such user");
  reply.lines.emplace_back("Really");
  EXPECT_EQ(reply.wire(), "550-5.1.1 No such user\r\n550 5.1.1 Really\r\n");
  EXPECT_EQ(reply.text(), "550 5.1.1 No such user / Really");
  EXPECT_EQ((Reply{354, "", "Go"}.wire()), "354 Go\r\n");
}

TEST(Reply, NeverBreaksItsLine) {
  const Reply reply{550, "5.0.0", "quoted\r\n250 ok\xc3\xa9"};
  EXPECT_EQ(reply.wire(), "550 5.0.0 quoted??250 ok??\r\n");
  const Reply longer{550, "5.0.0", std::string(1000, 'x')};
  EXPECT_EQ(longer.wire().size(), 512U);
  EXPECT_TRUE(longer.wire().ends_with("x\r\n"));
  Reply empty;
  EXPECT_EQ(empty.wire(), "250 \r\n");
}

TEST(Reply, OwnTroubleIsTemporary) {
  for (const auto& reply : {replies::local_trouble(), replies::storage_full(), replies::directory_unavailable(),
                            replies::shutting_down("h"), replies::too_many_connections("h"), replies::timed_out("h")}) {
    EXPECT_TRUE(reply.is_temporary()) << reply.text();
    EXPECT_EQ(reply.enhanced.front(), '4') << reply.text();
  }
}

}  // namespace
}  // namespace mailreeve::smtp
