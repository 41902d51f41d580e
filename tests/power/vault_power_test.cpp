// SPDX-License-Identifier: Apache-2.0
// The power goes, or a call fails, at every storage call of keeping, releasing, deleting and expiring. What was kept is
// there; what was released is in the queue exactly once, and never waits any more; what was deleted stays deleted.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <map>

#include "store/sqlite/queue_fixture.h"
#include "store/sqlite/vault.h"
#include "support/simulated_disk.h"

namespace mailreeve::store::sqlite {
namespace {

using support::SimulatedDisk;

struct Entry {
  std::string body;
  bool kept = false;  // told a success
  bool release_asked = false, release_told = false;
  bool deletion_asked = false, deletion_told = false;
  bool expiry_asked = false;
};
using Ledger = std::map<MessageId, Entry>;

/// Vault and queue on one disk, and the three steps of a release, as the gateway takes them.
class Machine {
 public:
  explicit Machine(SimulatedDisk& disk) {
    auto queue = open_queue({.path = "/disk/queue.db", .vfs = disk.vfs_name(), .node = "node", .min_free_bytes = 0},
                            *log_, metrics_);
    auto vault =
        open_vault({.path = "/disk/quarantine.db", .vfs = disk.vfs_name(), .min_free_bytes = 0}, *log_, metrics_);
    if (queue) queue_ = std::move(*queue);
    if (vault) vault_ = std::move(*vault);
  }
  bool works() const { return queue_ && vault_; }
  Vault& vault() { return *vault_; }
  Queue& queue() { return *queue_; }

  bool hand_over(const Release& release) {
    const auto body = wait(vault_->body(release.message.id));
    if (!body) return false;
    NewMessage fresh;
    fresh.once = true;
    fresh.body = *body;
    fresh.message.id = release.id;
    fresh.message.accepted = at(40);
    for (const auto& recipient : release.message.recipients) {
      QueuedRecipient to;
      to.number = recipient.number;
      to.envelope = recipient.envelope;
      to.destination = recipient.destination;
      to.due = at(40);
      fresh.message.recipients.push_back(std::move(to));
    }
    if (!wait(queue_->accept(fresh))) return false;
    return wait(vault_->end_release(release.id, at(41))).has_value();
  }
  bool release(MessageId id, MessageId name) {
    const auto begun = wait(vault_->begin_release(id, {}, name, "alice", at(40)));
    return begun && *begun && hand_over(**begun);
  }
  void finish_releases() {
    const auto unfinished = wait(vault_->unfinished_releases());
    ASSERT_TRUE(unfinished) << unfinished.error().text;
    for (const auto& release : *unfinished) EXPECT_TRUE(hand_over(release));
  }

 private:
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  std::unique_ptr<Queue> queue_;
  std::unique_ptr<Vault> vault_;
};

void live(SimulatedDisk& disk, Ledger& ledger) {
  Machine machine{disk};
  if (!machine.works()) return;
  MessageMaker maker;
  SeededRandom random{3};
  std::vector<MessageId> ids;
  for (const std::size_t size : {3000U, 600'000U, 100U, 40'000U, 2000U}) {
    const auto made = maker.make(std::string(size, static_cast<char>('a' + ids.size())), 2);
    NewHeld item;
    item.message.id = made.message.id;
    item.message.transaction = made.message.id;
    item.message.time = made.message.accepted;
    item.message.envelope = made.message.envelope;
    item.message.origin = made.message.origin;
    item.message.subject = "subject";
    for (const auto& recipient : made.message.recipients) {
      HeldRecipient one;
      one.number = recipient.number;
      one.envelope = recipient.envelope;
      one.destination = recipient.destination;
      item.message.recipients.push_back(std::move(one));
    }
    item.body = made.body;
    item.text = "some words";
    auto& entry = ledger[item.message.id];
    entry.body = std::string(size, static_cast<char>('a' + ids.size()));
    ids.push_back(item.message.id);
    entry.kept = wait(machine.vault().keep(item)).has_value();
  }
  for (const std::size_t which : {0U, 1U}) {
    auto& entry = ledger[ids[which]];
    entry.release_asked = true;
    entry.release_told = machine.release(ids[which], MessageId::make(at(40), random));
  }
  ledger[ids[2]].deletion_asked = true;
  ledger[ids[2]].deletion_told =
      wait(machine.vault().change(ids[2], {}, HeldState::deleted, "alice", at(45))).has_value();
  ledger[ids[0]].expiry_asked = true;
  (void)wait(machine.vault().expire(at(1)));
}

void check(SimulatedDisk& disk, const Ledger& ledger) {
  Machine machine{disk};
  ASSERT_TRUE(machine.works()) << "it does not open again";
  machine.finish_releases();
  std::map<std::string, int> queued;
  const auto messages = wait(machine.queue().list({.limit = 1000}));
  ASSERT_TRUE(messages);
  for (const auto& message : *messages) {
    EXPECT_EQ(message.recipients.size(), 2U);
    const auto body = wait(machine.queue().body(message.id));
    ASSERT_TRUE(body) << body.error().text;
    ++queued[mail::read_whole(**body, 1U << 20).value_or("unreadable")];
  }
  for (const auto& [id, entry] : ledger) {
    SCOPED_TRACE("body of " + entry.body.substr(0, 1));
    const auto shown = wait(machine.vault().show(id));
    ASSERT_TRUE(shown) << shown.error().text;
    const auto times = queued[entry.body];
    EXPECT_LE(times, 1) << "delivered twice";
    if (entry.release_told) EXPECT_EQ(times, 1) << "a release that was told is lost";
    if (!entry.release_asked) EXPECT_EQ(times, 0);
    if (!*shown) {
      EXPECT_TRUE(!entry.kept || entry.expiry_asked) << "kept mail is lost";
      continue;
    }
    const auto state = (*shown)->recipients.at(0).state;
    EXPECT_EQ(state == HeldState::released, times == 1) << "it waits and is delivered, or neither";
    if (entry.deletion_told) EXPECT_EQ(state, HeldState::deleted);
    if (!entry.deletion_asked) {
      const auto body = wait(machine.vault().body(id));
      ASSERT_TRUE(body) << body.error().text;
      EXPECT_EQ(mail::read_whole(**body, 1U << 20).value_or("unreadable"), entry.body);
    }
  }
}

std::uint64_t calls_of_a_life() {
  SimulatedDisk disk;
  Ledger ledger;
  live(disk, ledger);
  const auto calls = disk.calls();
  for (const auto& [id, entry] : ledger) EXPECT_TRUE(entry.kept);
  check(disk, ledger);
  return calls;
}

bool everything() { return std::getenv("MAILREEVE_ALL") != nullptr; }

TEST(VaultPower, WhatIsKeptStaysAndWhatIsReleasedIsReleasedOnce) {
  const auto calls = calls_of_a_life();
  ASSERT_GT(calls, 100U);
  for (std::uint64_t k = 1; k <= calls; k += everything() ? 1 : 2) {
    SCOPED_TRACE("cut at call " + std::to_string(k));
    SimulatedDisk disk;
    Ledger ledger;
    disk.cut_at_call(k);
    live(disk, ledger);
    disk.power_cut(k);
    check(disk, ledger);
    if (::testing::Test::HasFailure()) return;
  }
}

void fail_each_call(int error, SimulatedDisk::How how) {
  const auto calls = calls_of_a_life();
  for (std::uint64_t k = 1; k <= calls; k += everything() ? 1 : 9) {
    SCOPED_TRACE("call " + std::to_string(k));
    SimulatedDisk disk;
    Ledger ledger;
    disk.fail_call(k, error, how);
    live(disk, ledger);
    disk.stop_failing();
    disk.power_cut(k);
    check(disk, ledger);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(VaultPower, OneInputOutputErrorIsNeverASuccess) { fail_each_call(EIO, SimulatedDisk::How::once); }
TEST(VaultPower, ADiskThatDiesIsNeverASuccess) { fail_each_call(EIO, SimulatedDisk::How::forever); }
TEST(VaultPower, NoSpaceOnceIsNeverASuccess) { fail_each_call(ENOSPC, SimulatedDisk::How::once); }
TEST(VaultPower, NoSpaceFromThenOnIsNeverASuccess) { fail_each_call(ENOSPC, SimulatedDisk::How::forever); }

}  // namespace
}  // namespace mailreeve::store::sqlite
