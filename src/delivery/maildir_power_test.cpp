// SPDX-License-Identifier: Apache-2.0
// The power is cut, or a call fails, at every step of a Maildir delivery (reliability.md, group S).
#include <gtest/gtest.h>

#include <cerrno>

#include "delivery/maildir.h"
#include "support/simulated_disk.h"

namespace mailreeve::delivery {
namespace {

using support::SimulatedDisk;

const std::string path = "/mail/user";
const std::string expected = "Return-Path: <>\nSubject: x\n\nhello\n";

Result<void> deliver(Files& files) {
  return deliver_to_maildir(files, path, mail::MemoryBody{"Subject: x\r\n\r\nhello\r\n"}, "one", "Return-Path: <>\r\n");
}

/// What must hold once a delivery, the first or a repeated one, has said that it succeeded.
void expect_one_whole_message(SimulatedDisk& disk) {
  EXPECT_EQ(disk.list(path + "/new").value(), std::vector<std::string>{"one"});
  EXPECT_EQ(disk.read_all(path + "/new/one", 1000).value(), expected);
}

std::uint64_t calls_of_a_delivery() {
  SimulatedDisk disk;
  EXPECT_TRUE(deliver(disk));
  return disk.calls();
}

TEST(MaildirPower, ACutAtAnyCallLosesNothingThatWasDelivered) {
  const auto calls = calls_of_a_delivery();
  ASSERT_GT(calls, 5U);
  for (std::uint64_t k = 1; k <= calls + 1; ++k) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(k);
      SimulatedDisk disk;
      disk.cut_at_call(k);
      const bool delivered = deliver(disk).has_value();
      EXPECT_EQ(delivered, k > calls);
      disk.stop_failing();
      disk.power_cut(seed);
      if (delivered) expect_one_whole_message(disk);
      const auto again = deliver(disk);
      ASSERT_TRUE(again) << again.error().text;
      disk.power_cut(seed + 100);
      expect_one_whole_message(disk);
    }
  }
}

TEST(MaildirPower, ACallThatFailsOnceIsAnErrorOrHarmless) {
  const auto calls = calls_of_a_delivery();
  for (const int error : {EIO, ENOSPC}) {
    for (std::uint64_t k = 1; k <= calls; ++k) {
      SCOPED_TRACE(k);
      SimulatedDisk disk;
      disk.fail_call(k, error, SimulatedDisk::How::once);
      const auto done = deliver(disk);
      if (!done) EXPECT_EQ(done.error().blame, Blame::local);
      if (!done) ASSERT_TRUE(deliver(disk));
      disk.power_cut(k);
      expect_one_whole_message(disk);
    }
  }
}

}  // namespace
}  // namespace mailreeve::delivery
