// SPDX-License-Identifier: Apache-2.0
#include "gateway/held_rights.h"

#include <gtest/gtest.h>

namespace mailreeve::gateway {
namespace {

store::HeldMessage message() {
  store::HeldMessage held;
  held.from = "The Boss <boss@partner.example>";
  held.envelope.sender = mail::Mailbox::parse("bounce@spam.example").value();
  return held;
}

TEST(SenderToBlock, IsWhomFromNamesWhereThatIsProven) {
  auto held = message();
  held.from_proven = true;
  EXPECT_EQ(sender_to_block(held), "boss@partner.example");
}

TEST(SenderToBlock, AForgeryGetsNobodyBlockedWhoseNameItBears) {
  auto held = message();
  EXPECT_EQ(sender_to_block(held), "bounce@spam.example");
  held.envelope.sender.reset();
  EXPECT_EQ(sender_to_block(held), "");
}

TEST(RecipientMayRelease, NotWhatWasRefusedNorWhatIsReserved) {
  QuarantineOptions options;
  auto held = message();
  held.decided_by = "score";
  EXPECT_TRUE(recipient_may_release(held, options));
  held.findings = {"spf.softfail", "attachment.dangerous"};
  EXPECT_FALSE(recipient_may_release(held, options));
  held.findings.clear();
  held.kind = store::HeldKind::refused;
  EXPECT_FALSE(recipient_may_release(held, options));
}

}  // namespace
}  // namespace mailreeve::gateway
