// SPDX-License-Identifier: Apache-2.0
// The power goes, or a call fails, at every storage call of a queue's life. A ledger on the asking side notes what the
// queue has promised; what the next machine finds must keep every promise, and must show nothing half done.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdlib>
#include <map>

#include "base/digest.h"
#include "base/log.h"
#include "base/random.h"
#include "store/sqlite/queue_fixture.h"
#include "support/simulated_disk.h"

namespace mailreeve::store::sqlite {
namespace {

using support::SimulatedDisk;

/// What one message must be after a restart: as promised, or as asked for when no answer came.
struct Entry {
  Sha256 sha256{};
  std::uint64_t size = 0;
  bool accepted = false;       // told a success
  bool tried = false;          // asked for, so it may be there
  bool delivery_told = false;  // told that its delivery is recorded
  bool delivery_asked = false;
  bool refusal_told = false;
};
using Ledger = std::map<MessageId, Entry>;

class Story {
 public:
  Story(SimulatedDisk& disk, Ledger& ledger) : disk_{disk}, ledger_{ledger} {}

  /// Lives a whole life; stops nowhere, whatever fails. Answers whether everything went well.
  bool live() {
    auto opened = open_queue(options(disk_), *log_, metrics_);
    if (!opened) return note(opened.error());
    queue_ = std::move(*opened);
    bool well = true;
    for (const std::size_t size : {4096U, 100U, 600U * 1024U, 50U * 1024U, 5000U, 64U * 1024U}) well &= accept(size);
    auto claims = wait(queue_->claim("example.org", "node/1", at(10), at(70), 4));
    if (!claims) {
      well = note(claims.error());
    } else {
      for (std::size_t i = 0; i < claims->size(); ++i) well &= report((*claims)[i], i);
    }
    auto released = wait(queue_->release_expired_leases(at(100)));
    if (!released) well = note(released.error());
    well &= accept(2000);
    queue_.reset();
    return well;
  }

  /// The kinds of every failure that was told.
  std::vector<ErrorKind> kinds;

  static QueueOptions options(SimulatedDisk& disk) {
    return {.path = "/disk/queue.db", .vfs = disk.vfs_name(), .node = "node", .min_free_bytes = 0};
  }

 private:
  bool note(const Error& error) {
    kinds.push_back(error.kind);
    return false;
  }

  bool accept(std::size_t size) {
    const auto message = maker_.make(body_of(size));
    auto& entry = ledger_[message.message.id];
    entry.sha256 = sha256_of(body_of(size));
    entry.size = size;
    entry.tried = true;
    const auto accepted = wait(queue_->accept(message));
    if (!accepted) return note(accepted.error());
    entry.accepted = true;
    return true;
  }

  bool report(const Claim& claim, std::size_t number) {
    auto& entry = ledger_[claim.message.id];
    const auto state = number % 3 == 0   ? RecipientState::delivered
                       : number % 3 == 1 ? RecipientState::queued
                                         : RecipientState::refused;
    entry.delivery_asked = state == RecipientState::delivered;
    const auto done = wait(queue_->record("node/1", {{.id = claim.message.id,
                                                      .recipient = 0,
                                                      .state = state,
                                                      .count_attempt = true,
                                                      .due = at(50),
                                                      .reply = "said"}}));
    if (!done) return note(done.error());
    entry.delivery_told = entry.delivery_asked;
    entry.refusal_told = state == RecipientState::refused;
    return true;
  }

  SimulatedDisk& disk_;
  Ledger& ledger_;
  MessageMaker maker_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  std::unique_ptr<Queue> queue_;
};

/// Opens what survived and compares it with the ledger.
void check(SimulatedDisk& disk, const Ledger& ledger) {
  auto log = make_silent_logger();
  Metrics metrics;
  auto opened = open_queue(Story::options(disk), *log, metrics);
  ASSERT_TRUE(opened) << opened.error().text;
  auto& queue = **opened;
  std::uint64_t found = 0;
  for (const auto& [id, entry] : ledger) {
    const auto shown = wait(queue.show(id));
    ASSERT_TRUE(shown) << shown.error().text;
    if (!shown->has_value()) {
      EXPECT_TRUE(!entry.accepted || entry.delivery_asked)
          << "an accepted message of " << entry.size << " octets is lost";
      continue;
    }
    ++found;
    EXPECT_TRUE(entry.tried);
    EXPECT_FALSE(entry.delivery_told) << "a message whose delivery was recorded came back";
    EXPECT_EQ((*shown)->size, entry.size);
    ASSERT_EQ((*shown)->recipients.size(), 1U);
    if (entry.refusal_told) {
      EXPECT_EQ((*shown)->recipients[0].state, RecipientState::refused);
    }
    const auto body = wait(queue.body(id));
    ASSERT_TRUE(body) << body.error().text;
    const auto bytes = mail::read_whole(**body, 1 << 20);
    ASSERT_TRUE(bytes) << bytes.error().text;
    EXPECT_EQ(sha256_of(*bytes), entry.sha256);
  }
  const auto counts = wait(queue.counts());
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->messages, found);
  MessageMaker maker;
  auto fresh = maker.make("works");
  fresh.message.id = *MessageId::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_TRUE(wait(queue.accept(fresh))) << "it takes mail again";
}

bool everything() { return std::getenv("MAILREEVE_ALL") != nullptr; }
std::uint64_t seeds() { return everything() ? 40 : 1; }
// The short run takes every sixth call for each kind of failure, all calls for power cuts.
std::uint64_t stride() { return everything() ? 1 : 6; }

std::uint64_t calls_of_a_life() {
  SimulatedDisk disk;
  Ledger ledger;
  EXPECT_TRUE(Story(disk, ledger).live());
  check(disk, ledger);
  return disk.calls();
}

TEST(StorePower, NothingAcknowledgedIsLostWhereverThePowerGoes) {
  const auto calls = calls_of_a_life();
  ASSERT_GT(calls, 100U);
  for (std::uint64_t k = 1; k <= calls; ++k) {
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
      SCOPED_TRACE("cut at call " + std::to_string(k) + ", seed " + std::to_string(seed));
      SimulatedDisk disk;
      Ledger ledger;
      disk.cut_at_call(k);
      Story(disk, ledger).live();
      disk.power_cut(seed * 100'000 + k);
      check(disk, ledger);
      if (HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
    }
  }
}

void fail_each_call(int error, SimulatedDisk::How how) {
  const auto calls = calls_of_a_life();
  for (std::uint64_t k = 1; k <= calls; k += stride()) {
    SCOPED_TRACE("call " + std::to_string(k));
    SimulatedDisk disk;
    Ledger ledger;
    disk.fail_call(k, error, how);
    Story story(disk, ledger);
    story.live();
    if (error == EIO) {
      for (const auto kind : story.kinds) EXPECT_EQ(kind, ErrorKind::io);
    }
    disk.stop_failing();
    disk.power_cut(k);
    check(disk, ledger);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(StorePower, OneInputOutputErrorIsNeverASuccess) { fail_each_call(EIO, SimulatedDisk::How::once); }
TEST(StorePower, ADiskThatDiesIsNeverASuccess) { fail_each_call(EIO, SimulatedDisk::How::forever); }
TEST(StorePower, NoSpaceOnceIsNeverASuccess) { fail_each_call(ENOSPC, SimulatedDisk::How::once); }
TEST(StorePower, NoSpaceFromThenOnIsNeverASuccess) { fail_each_call(ENOSPC, SimulatedDisk::How::forever); }

TEST(StorePower, MailIsTakenAgainWithoutARestartWhenTheDiskWorksAgain) {
  for (const int error : {EIO, ENOSPC}) {
    SimulatedDisk disk;
    auto log = make_silent_logger();
    Metrics metrics;
    MessageMaker maker;
    auto queue = open_queue(Story::options(disk), *log, metrics).value();
    ASSERT_TRUE(wait(queue->accept(maker.make("before"))));
    disk.fail_call(1, error, SimulatedDisk::How::forever);
    for (int i = 0; i < 3; ++i) {
      const auto refused = wait(queue->accept(maker.make("during")));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, error == ENOSPC ? ErrorKind::full : ErrorKind::io) << refused.error().text;
    }
    disk.stop_failing();
    ASSERT_TRUE(wait(queue->accept(maker.make("after"))));
    EXPECT_EQ(wait(queue->counts()).value().messages, 2U);
  }
}

}  // namespace
}  // namespace mailreeve::store::sqlite
