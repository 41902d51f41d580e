// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/queue.h"

#include <sqlite3.h>

#include "store/sqlite/queue_fixture.h"

namespace mailreeve::store::sqlite {
namespace {

TEST_F(QueueTest, WhatWasAcceptedIsThereAfterARestartBitExact) {
  open();
  const auto small = accept(maker_.make(body_of(4096), 3));
  const auto large = accept(maker_.make(body_of(600 * 1024)));
  open();
  for (const auto& message : {small, large}) {
    const auto shown = show(message.message.id);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->envelope.sender->text(), "Sender@example.net");
    EXPECT_EQ(shown->envelope.envid, "QQ314159");
    EXPECT_EQ(shown->origin.helo, "client.example.net");
    EXPECT_EQ(shown->accepted, message.message.accepted);
    ASSERT_EQ(shown->recipients.size(), message.message.recipients.size());
    EXPECT_EQ(shown->recipients[0].envelope, message.message.recipients[0].envelope);
    const auto body = wait(queue_->body(message.message.id)).value();
    EXPECT_EQ(mail::read_whole(*body, 1 << 20).value(), mail::read_whole(*message.body, 1 << 20).value());
  }
  EXPECT_EQ(counts().messages, 2U);
  EXPECT_EQ(counts().queued, 4U);
  EXPECT_EQ(counts().bytes, 4096U + 600 * 1024U);
}

TEST_F(QueueTest, AcceptingTheSameIdAgainIsASuccessWithoutACopy) {
  open();
  const auto small = accept(maker_.make(body_of(100)));
  const auto large = accept(maker_.make(body_of(300 * 1024)));
  accept(small);
  accept(large);
  EXPECT_EQ(counts().messages, 2U);
  EXPECT_EQ(counts().bytes, 100U + 300 * 1024U);
  const auto body = wait(queue_->body(large.message.id)).value();
  EXPECT_TRUE(mail::read_whole(*body, 1 << 20));
}

TEST_F(QueueTest, TheEmptyReversePathStaysEmpty) {
  open();
  auto message = maker_.make("x");
  message.message.envelope.sender.reset();
  accept(message);
  EXPECT_FALSE(show(message.message.id)->envelope.sender);
}

TEST_F(QueueTest, ClaimsTheOldestDueFirstAndOnlyOnce) {
  open();
  auto late = maker_.make("late");
  late.message.recipients[0].due = at(20);
  auto early = maker_.make("early");
  early.message.recipients[0].due = at(10);
  auto future = maker_.make("future");
  future.message.recipients[0].due = at(1000);
  accept(late);
  accept(early);
  accept(future);
  const auto claims = claim("node/1", 30);
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[0].message.id, early.message.id);
  EXPECT_EQ(claims[1].message.id, late.message.id);
  EXPECT_EQ(claims[0].message.recipients[0].owner, "node/1");
  EXPECT_TRUE(claim("node/2", 30).empty());
  EXPECT_EQ(wait(queue_->next_due()).value(), at(1000));
}

TEST_F(QueueTest, DeliveredMessagesGoWhenTheLastRecipientIsDone) {
  open();
  const auto message = accept(maker_.make(body_of(300 * 1024), 2));
  claim();
  record(message.message.id, 0, RecipientState::delivered);
  EXPECT_EQ(show(message.message.id)->recipients[0].state, RecipientState::delivered);
  EXPECT_EQ(counts().queued, 1U);
  record(message.message.id, 1, RecipientState::delivered);
  EXPECT_FALSE(show(message.message.id));
  EXPECT_EQ(counts().messages, 0U);
  EXPECT_EQ(counts().bytes, 0U);
  EXPECT_EQ(wait(queue_->body(message.message.id)).error().kind, ErrorKind::not_found);
}

TEST_F(QueueTest, ATemporaryFailureWaitsForItsTime) {
  open();
  const auto message = accept(maker_.make("x"));
  claim();
  record(message.message.id, 0, RecipientState::queued, "node/1", 100);
  EXPECT_TRUE(claim("node/1", 99).empty());
  const auto again = claim("node/1", 100);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].message.recipients[0].attempts, 1U);
  EXPECT_EQ(again[0].message.recipients[0].last_reply, "said so");
}

TEST_F(QueueTest, RefusedAndExpiredAreKept) {
  open();
  const auto refused = accept(maker_.make("x"));
  const auto expired = accept(maker_.make("y"));
  claim();
  record(refused.message.id, 0, RecipientState::refused);
  record(expired.message.id, 0, RecipientState::expired);
  open();
  EXPECT_EQ(counts().refused, 1U);
  EXPECT_EQ(counts().expired, 1U);
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(change(AdminAction::retry, refused.message.id), 1U);
  EXPECT_EQ(claim("node/1", 500).size(), 1U);
}

TEST_F(QueueTest, OnlyTheOwnerReportsButDeliveredAlwaysWins) {
  open();
  const auto message = accept(maker_.make("x", 2));
  claim("node/1");
  record(message.message.id, 0, RecipientState::refused, "node/2");
  EXPECT_EQ(show(message.message.id)->recipients[0].state, RecipientState::queued);
  record(message.message.id, 0, RecipientState::delivered, "node/2");
  EXPECT_EQ(show(message.message.id)->recipients[0].state, RecipientState::delivered);
}

TEST_F(QueueTest, ALeaseThatEndedIsFreed) {
  open();
  accept(maker_.make("x"));
  claim("other/1", 0);
  open();
  EXPECT_TRUE(claim("node/1", 10).empty());
  EXPECT_EQ(wait(queue_->release_expired_leases(at(59))).value(), 0U);
  ASSERT_TRUE(wait(queue_->renew("other/1", at(100))));
  EXPECT_EQ(wait(queue_->release_expired_leases(at(61))).value(), 0U);
  EXPECT_EQ(wait(queue_->release_expired_leases(at(101))).value(), 1U);
  EXPECT_EQ(claim("node/1", 101).size(), 1U);
}

TEST_F(QueueTest, ClaimsOfThisNodeAreGivenUpAtStart) {
  open();
  accept(maker_.make("x"));
  ASSERT_EQ(claim("node/1").size(), 1U);
  open();
  EXPECT_EQ(claim("node/2").size(), 1U);
}

TEST_F(QueueTest, AcceptedWithAnOwnerIsClaimedFromTheBeginning) {
  open();
  auto message = maker_.make("x");
  message.message.recipients[0].owner = "node/session";
  message.lease_until = at(60);
  accept(message);
  EXPECT_TRUE(claim().empty());
  EXPECT_FALSE(wait(queue_->next_due()).value());
  record(message.message.id, 0, RecipientState::delivered, "node/session");
  EXPECT_EQ(counts().messages, 0U);
}

TEST_F(QueueTest, NamesEachDueDestinationOnce) {
  open();
  for (const auto* domain : {"b.example", "a.example", "b.example", "c.example"}) accept(maker_.make("x", 2, domain));
  auto later = maker_.make("x", 1, "d.example");
  later.message.recipients[0].due = at(50);
  accept(later);
  const auto due = [&](int now, std::size_t limit) { return wait(queue_->due_destinations(at(now), limit)).value(); };
  EXPECT_EQ(due(10, 10), (std::vector<std::string>{"a.example", "b.example", "c.example"}));
  EXPECT_EQ(due(10, 2), (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(due(50, 10).size(), 4U);
}

TEST_F(QueueTest, OperatorsHoldReleaseAndDrop) {
  open();
  const auto message = accept(maker_.make("x", 2));
  EXPECT_EQ(change(AdminAction::hold, message.message.id), 2U);
  EXPECT_TRUE(claim("node/1", 500).empty());
  EXPECT_EQ(counts().held, 2U);
  EXPECT_EQ(change(AdminAction::release, message.message.id), 2U);
  EXPECT_EQ(claim("node/1", 500).size(), 1U);
  EXPECT_EQ(change(AdminAction::drop, message.message.id), 2U);
  EXPECT_TRUE(show(message.message.id));
  record(message.message.id, 0, RecipientState::queued);
  record(message.message.id, 1, RecipientState::delivered);
  EXPECT_FALSE(show(message.message.id));
  EXPECT_EQ(counts().queued, 0U);
}

TEST_F(QueueTest, AHoldDuringADeliveryComesTrueUnlessDelivered) {
  open();
  const auto message = accept(maker_.make("x", 2));
  claim();
  EXPECT_EQ(change(AdminAction::hold, message.message.id), 2U);
  record(message.message.id, 0, RecipientState::delivered);
  record(message.message.id, 1, RecipientState::queued);
  EXPECT_EQ(show(message.message.id)->recipients[0].state, RecipientState::delivered);
  EXPECT_EQ(show(message.message.id)->recipients[1].state, RecipientState::held);
}

TEST_F(QueueTest, ARetryDuringADeliveryMakesTheNextOneDueAtOnce) {
  open();
  const auto message = accept(maker_.make("x"));
  claim();
  EXPECT_EQ(change(AdminAction::retry, message.message.id), 1U);
  record(message.message.id, 0, RecipientState::queued, "node/1", 100000);
  EXPECT_EQ(claim("node/1", 501).size(), 1U);
}

TEST_F(QueueTest, ListsWhatMatchesPageByPage) {
  open();
  std::vector<MessageId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(accept(maker_.make("x", 2)).message.id);
  const auto list = [&](Filter filter) { return wait(queue_->list(std::move(filter))).value(); };
  const auto first = list({.limit = 3});
  ASSERT_EQ(first.size(), 3U);
  const auto second = list({.limit = 3, .after = first.back().id});
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second.back().id, ids[4]);
  EXPECT_EQ(list({.sender = "sender@EXAMPLE.net"}).size(), 5U);
  EXPECT_EQ(list({.recipient = "USER1@example.org"})[0].recipients.size(), 1U);
  EXPECT_TRUE(list({.state = RecipientState::held}).empty());
  EXPECT_TRUE(list({.destination = "example.com"}).empty());
}

TEST_F(QueueTest, DestinationsSumUpWhatWaitsForThem) {
  open();
  const auto first = accept(maker_.make("12345", 2));
  accept(maker_.make("123", 1, "example.com"));
  const auto third = accept(maker_.make("1234567"));
  claim();
  record(first.message.id, 0, RecipientState::queued, "node/1", 100);
  record(first.message.id, 1, RecipientState::delivered);
  record(third.message.id, 0, RecipientState::refused);
  const auto found = wait(queue_->destinations(10));
  ASSERT_TRUE(found && found->size() == 2);
  const auto& org = found->front();
  EXPECT_EQ(org.destination, "example.org");
  EXPECT_EQ(org.queued, 1U);
  EXPECT_EQ(org.refused, 1U);
  EXPECT_EQ(org.active, 0U);
  EXPECT_EQ(org.bytes, 12U);
  EXPECT_EQ(org.next, at(100));
  EXPECT_EQ(org.oldest, first.message.accepted);
  EXPECT_EQ(org.last_reply, "said so");
  EXPECT_EQ(wait(queue_->destinations(1))->size(), 1U);
}

TEST_F(QueueTest, AFilterChangesThousands) {
  open();
  for (int i = 0; i < 30; ++i) accept(maker_.make("x", 100));
  Filter filter{.destination = "example.org"};
  EXPECT_EQ(wait(queue_->change(AdminAction::hold, std::nullopt, filter, at(0))).value(), 3000U);
  EXPECT_EQ(counts().held, 3000U);
  EXPECT_EQ(wait(queue_->change(AdminAction::drop, std::nullopt, filter, at(0))).value(), 3000U);
  EXPECT_EQ(counts().messages, 0U);
}

TEST_F(QueueTest, ADamagedBodyIsNeverReadToItsEndAndItsMessageIsHeld) {
  open();
  const auto small = accept(maker_.make(body_of(3000)));
  const auto large = accept(maker_.make(body_of(600 * 1024)));
  queue_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database,
               "UPDATE message SET body=replace(body,'Subject','subject') WHERE body IS NOT NULL;"
               "UPDATE chunk SET bytes=zeroblob(length(bytes)) WHERE key%65536=1",
               nullptr, nullptr, nullptr);
  sqlite3_close(database);
  open();
  EXPECT_FALSE(wait(queue_->body(small.message.id)));
  const auto body = wait(queue_->body(large.message.id));
  ASSERT_TRUE(body);
  EXPECT_FALSE(mail::read_whole(**body, 1 << 20));
  EXPECT_TRUE(claim().empty());
  for (const auto& message : {small, large}) {
    EXPECT_TRUE(show(message.message.id)->damaged);
    EXPECT_EQ(show(message.message.id)->recipients[0].state, RecipientState::held);
  }
}

TEST_F(QueueTest, ASecondProcessIsKeptOutByName) {
  open();
  const auto second = open_queue(options(), *log_, metrics_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos);
}

TEST_F(QueueTest, WithoutRoomNothingIsAccepted) {
  auto wanting = options();
  wanting.min_free_bytes = std::uint64_t{1} << 60;
  queue_ = open_queue(wanting, *log_, metrics_).value();
  EXPECT_EQ(wait(queue_->accept(maker_.make("x"))).error().kind, ErrorKind::full);
}

TEST_F(QueueTest, AFolderThatIsMissingIsNamed) {
  auto wrong = options();
  wrong.path = (folder_ / "missing" / "queue.db").string();
  const auto opened = open_queue(wrong, *log_, metrics_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find("missing"), std::string::npos);
}

}  // namespace
}  // namespace mailreeve::store::sqlite
