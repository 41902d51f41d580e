// SPDX-License-Identifier: Apache-2.0
#include "cli/message_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailreeve::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Mbox, IsTakenApart) {
  EXPECT_THAT(mbox_messages("From a@b Mon\r\nSubject: 1\r\n\r\none\r\n\r\nFrom c@d Tue\r\nSubject: 2\r\n\r\ntwo\r\n"),
              ElementsAre("Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\ntwo\r\n"));
}

TEST(Mbox, OnlyALineBehindAnEmptyOneBegins) {
  EXPECT_THAT(mbox_messages("From a@b\r\nSubject: 1\r\n\r\nline\r\nFrom here\r\n"),
              ElementsAre("Subject: 1\r\n\r\nline\r\nFrom here\r\n"));
}

TEST(Mbox, QuotingIsUndoneOnce) {
  EXPECT_THAT(mbox_messages("From a@b\r\nSubject: 1\r\n\r\n>From me\r\n>>From you\r\n> From them\r\n"),
              ElementsAre("Subject: 1\r\n\r\nFrom me\r\n>From you\r\n> From them\r\n"));
}

TEST(Mbox, OddEndsAreRead) {
  EXPECT_THAT(mbox_messages("From a@b\r\nSubject: 1"), ElementsAre("Subject: 1"));
  EXPECT_THAT(mbox_messages("From a@b"), ElementsAre(""));
  EXPECT_THAT(mbox_messages("From a@b\r\n\r\nFrom c@d\r\n\r\nx"), ElementsAre("\r\n", "\r\nx"));
}

TEST(Mbox, AMessageIsNone) {
  EXPECT_THAT(mbox_messages("From: a@b\r\n\r\nFrom x\r\n"), IsEmpty());
  EXPECT_THAT(mbox_messages(""), IsEmpty());
}

}  // namespace
}  // namespace mailreeve::cli
