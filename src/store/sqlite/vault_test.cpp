// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/vault.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/sqlite/queue_fixture.h"
#include "store/sqlite/vault_search.h"

namespace mailreeve::store::sqlite {
namespace {

class VaultTest : public testing::Test {
 protected:
  VaultTest() {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("mailreeve-vault-{}-{}", ::getpid(), counter_++);
    std::filesystem::create_directories(folder_);
    open();
  }
  ~VaultTest() override {
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    vault_.reset();
    auto opened = open_vault({.path = (folder_ / "quarantine.db").string(), .min_free_bytes = 0}, *log_, metrics_);
    ASSERT_TRUE(opened) << opened.error().text;
    vault_ = std::move(*opened);
  }

  NewHeld make(std::string subject, std::string body = "hello", std::size_t recipients = 1) {
    const auto made = maker_.make(std::move(body), recipients);
    NewHeld item;
    auto& m = item.message;
    m.id = made.message.id;
    m.transaction = made.message.id;
    m.time = made.message.accepted;
    m.envelope = made.message.envelope;
    m.origin = made.message.origin;
    m.from = "Anna Müller <anna@sender.example>";
    m.from_proven = true;
    m.subject = std::move(subject);
    m.policy = "balanced";
    m.decided_by = "score";
    m.why = "score 9.5 is 8.0 or more";
    m.score = 9.5;
    m.findings = {"dnsbl.spamhaus", "spf.softfail"};
    for (const auto& recipient : made.message.recipients) {
      m.recipients.push_back({.number = recipient.number,
                              .envelope = recipient.envelope,
                              .destination = recipient.destination,
                              .state = {},
                              .changed = {},
                              .by = {}});
    }
    item.body = made.body;
    item.text = "The quarterly invoice is attached";
    return item;
  }
  MessageId keep(NewHeld item) {
    const auto id = item.message.id;
    const auto kept = wait(vault_->keep(std::move(item)));
    EXPECT_TRUE(kept) << kept.error().text;
    return id;
  }
  std::vector<std::string> subjects(const HeldFilter& filter) {
    const auto found = wait(vault_->search(filter));
    EXPECT_TRUE(found) << found.error().text;
    std::vector<std::string> all;
    for (const auto& item : *found) all.push_back(item.subject);
    return all;
  }
  HeldMessage show(MessageId id) { return wait(vault_->show(id)).value().value(); }
  std::string body(MessageId id) {
    const auto stored = wait(vault_->body(id));
    return stored ? mail::read_whole(**stored, 10U << 20).value_or("unreadable") : stored.error().text;
  }
  std::optional<Release> begin(MessageId id, MessageId release, std::vector<std::uint32_t> recipients = {}) {
    return wait(vault_->begin_release(id, std::move(recipients), release, "alice", at(50))).value();
  }
  MessageId fresh() { return MessageId::make(at(99), random_); }

  static inline int counter_ = 0;
  std::filesystem::path folder_;
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  MessageMaker maker_;
  SeededRandom random_{11};
  std::unique_ptr<Vault> vault_;
};

using Subjects = std::vector<std::string>;

TEST_F(VaultTest, WhatIsKeptIsThereAfterAStart) {
  const auto id = keep(make("Invoice", std::string(700'000, 'x') + "end", 2));
  open();
  const auto held = show(id);
  EXPECT_EQ(held.subject, "Invoice");
  EXPECT_EQ(held.from, "Anna Müller <anna@sender.example>");
  EXPECT_EQ(held.envelope.sender->text(), "Sender@example.net");
  EXPECT_EQ(held.score, 9.5);
  EXPECT_TRUE(held.from_proven);
  EXPECT_EQ(held.findings, (Subjects{"dnsbl.spamhaus", "spf.softfail"}));
  ASSERT_EQ(held.recipients.size(), 2U);
  EXPECT_EQ(held.recipients[1].envelope.address.text(), "user1@example.org");
  EXPECT_TRUE(held.recipients[1].envelope.notify.failure);
  EXPECT_EQ(body(id), std::string(700'000, 'x') + "end");
  EXPECT_EQ(vault_->counts().held, 1U);
  EXPECT_EQ(vault_->counts().bytes, 700'003U);
}

TEST_F(VaultTest, KeepingTwiceIsKeepingOnce) {
  auto item = make("Once");
  keep(item);
  keep(item);
  EXPECT_EQ(subjects({}), Subjects{"Once"});
  EXPECT_EQ(vault_->counts().bytes, 5U);
}

TEST_F(VaultTest, FindsByWhatPeopleRemember) {
  keep(make("Your invoice 2026-114"));
  auto other = make("Weekly letter");
  other.message.from = "news@letters.example";
  other.message.findings = {"list.bulk"};
  other.text = "Nothing to pay";
  keep(other);
  const Subjects invoice{"Your invoice 2026-114"};
  EXPECT_EQ(subjects({.text = "QUARTERLY inv"}), invoice);
  EXPECT_EQ(subjects({.text = "muller"}), invoice);
  EXPECT_EQ(subjects({.text = "\"invoice is attached\""}), invoice);
  EXPECT_EQ(subjects({.text = "attached invoice"}), invoice);
  EXPECT_EQ(subjects({.text = "\"attached invoice\""}), Subjects{});
  EXPECT_EQ(subjects({.sender = "anna@sender.example"}), invoice);
  EXPECT_EQ(subjects({.subject = "2026-114"}), invoice);
  EXPECT_EQ(subjects({.subject = "quarterly"}), Subjects{});
  EXPECT_EQ(subjects({.finding = "dnsbl.spamhaus"}), invoice);
  EXPECT_EQ(subjects({.finding = "dnsbl"}), invoice);
  EXPECT_EQ(subjects({.finding = "dnsbl.spam"}), Subjects{});
  EXPECT_EQ(subjects({.text = "spf.softfail"}), invoice);
  EXPECT_EQ(subjects({.to = "user0@example.org"}), (Subjects{"Weekly letter", invoice[0]}));
  EXPECT_EQ(subjects({.recipient = "user0@example.org"}), (Subjects{"Weekly letter", invoice[0]}));
  EXPECT_EQ(subjects({.recipient = "user@example.org"}), Subjects{});
  EXPECT_EQ(subjects({.since = at(1)}), Subjects{"Weekly letter"});
  EXPECT_EQ(subjects({.until = at(0)}), invoice);
  EXPECT_EQ(subjects({.kind = HeldKind::refused}), Subjects{});
}

TEST_F(VaultTest, NoQuestionIsASyntaxError) {
  keep(make("Quote \" and * and (parentheses)"));
  for (const char* typed : {"\"", "*", "(", "a OR", "NEAR(", "subject:", "\"unclosed", "^", "-", "''", "\\", "日本",
                            "a\"b\"c", "{}", "col : x", "AND", "NOT x", "@", "%"}) {
    const auto found = wait(vault_->search({.text = typed}));
    EXPECT_TRUE(found) << typed << ": " << (found ? "" : found.error().text);
  }
  EXPECT_EQ(subjects({.text = "parentheses"}).size(), 1U);
}

TEST_F(VaultTest, AQuestionWithoutAWordFindsNothing) {
  keep(make("x"));
  for (const char* typed : {"\"", "\"\"", " ", "-", "''", "?"}) {
    EXPECT_EQ(subjects({.text = typed}), Subjects{}) << typed;
    EXPECT_EQ(subjects({.subject = typed}), Subjects{}) << typed;
  }
}

TEST_F(VaultTest, TheRoomOfDeletedMailGoesBackToTheFileSystem) {
  std::vector<MessageId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(keep(make("x", std::string(250'000, 'x'))));
  for (const auto id : ids) EXPECT_TRUE(wait(vault_->change(id, {}, HeldState::deleted, "alice", at(50))));
  ASSERT_TRUE(wait(vault_->shrink()));
  vault_.reset();
  EXPECT_LT(std::filesystem::file_size(folder_ / "quarantine.db"), 5'000'000U) << "of five megabytes and more";
}

TEST_F(VaultTest, PagesGoOnWhereTheLastEnded) {
  std::vector<MessageId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(keep(make(std::to_string(i))));
  EXPECT_EQ(subjects({.limit = 2}), (Subjects{"4", "3"}));
  EXPECT_EQ(subjects({.before = ids[3], .limit = 2}), (Subjects{"2", "1"}));
  EXPECT_EQ(subjects({.text = "invoice", .before = ids[1], .limit = 2}), Subjects{"0"});
}

TEST_F(VaultTest, EachRecipientHasAStateOfHisOwn) {
  const auto id = keep(make("Both", "hello", 2));
  EXPECT_EQ(wait(vault_->change(id, {1}, HeldState::asked, "user1@example.org", at(20))).value(), 1U);
  EXPECT_EQ(vault_->counts().asked, 1U);
  EXPECT_EQ(subjects({.states = {HeldState::asked}}), Subjects{"Both"});
  EXPECT_EQ(subjects({.recipient = "user0@example.org", .states = {HeldState::asked}}), Subjects{});
  EXPECT_EQ(wait(vault_->change(id, {0}, HeldState::deleted, "user0@example.org", at(21))).value(), 1U);
  EXPECT_EQ(body(id), "hello") << "the other one may still want it";
  EXPECT_EQ(wait(vault_->change(id, {}, HeldState::deleted, "alice", at(22))).value(), 1U) << "the first one is gone";
  EXPECT_EQ(show(id).recipients[1].by, "alice");
  EXPECT_FALSE(show(id).has_body);
  EXPECT_EQ(wait(vault_->body(id)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(vault_->counts().asked, 0U);
  EXPECT_EQ(vault_->counts().held, 0U);
  EXPECT_EQ(vault_->counts().bytes, 0U);
  EXPECT_EQ(subjects({.text = "invoice"}), Subjects{}) << "its words are forgotten with it";
  EXPECT_EQ(subjects({}), Subjects{"Both"}) << "that it was there is not";
}

TEST_F(VaultTest, AReleaseIsNamedOnceAndEndsOnce) {
  const auto id = keep(make("Wanted", "hello", 2));
  const auto first = fresh();
  const auto release = begin(id, first);
  ASSERT_TRUE(release);
  EXPECT_EQ(release->message.recipients.size(), 2U);
  EXPECT_EQ(release->by, "alice");
  EXPECT_FALSE(begin(id, fresh())) << "a second click finds nobody left";
  open();
  const auto unfinished = wait(vault_->unfinished_releases()).value();
  ASSERT_EQ(unfinished.size(), 1U);
  EXPECT_EQ(unfinished[0].id, first);
  EXPECT_EQ(vault_->counts().held, 1U);
  ASSERT_TRUE(wait(vault_->end_release(first, at(60))));
  EXPECT_TRUE(wait(vault_->unfinished_releases())->empty());
  EXPECT_EQ(vault_->counts().held, 0U);
  EXPECT_EQ(show(id).recipients[0].state, HeldState::released);
  EXPECT_EQ(body(id), "hello") << "kept until it expires, so that it can still teach";
  const auto counted = wait(vault_->released_findings(at(0))).value();
  ASSERT_EQ(counted.size(), 2U);
  EXPECT_EQ(counted[0], (std::pair<std::string, std::uint64_t>{"dnsbl.spamhaus", 1}));
  EXPECT_EQ(subjects({.text = "invoice", .states = {HeldState::released}}), Subjects{"Wanted"});
  EXPECT_EQ(subjects({.text = "elsewhere", .states = {HeldState::released}}), Subjects{});
  EXPECT_EQ(subjects({.recipient = "user1@example.org", .states = {HeldState::released}}), Subjects{"Wanted"});
  EXPECT_EQ(subjects({.recipient = "other@example.org", .states = {HeldState::released}}), Subjects{});
}

TEST_F(VaultTest, AReleaseForOneLeavesTheOtherWaiting) {
  const auto id = keep(make("Half", "hello", 2));
  const auto name = fresh();
  const auto release = begin(id, name, {1});
  ASSERT_TRUE(release);
  ASSERT_EQ(release->message.recipients.size(), 1U);
  EXPECT_EQ(release->message.recipients[0].number, 1U);
  ASSERT_TRUE(wait(vault_->cancel_release(name)));
  EXPECT_EQ(show(id).recipients[1].state, HeldState::waiting);
  EXPECT_TRUE(begin(id, fresh(), {1}));
}

TEST_F(VaultTest, CopiesOfRefusedMailMakeRoom) {
  auto copy = make("copy", std::string(1000, 'c'));
  copy.message.kind = HeldKind::refused;
  keep(copy);
  auto first = make("first", std::string(1000, 'a'));
  first.max_size = 2500;
  keep(first);
  auto second = make("second", std::string(1000, 'b'));
  second.max_size = 2500;
  keep(second);
  EXPECT_EQ(subjects({}), (Subjects{"second", "first"}));
  auto third = make("third", std::string(1000, 'd'));
  third.max_size = 2500;
  const auto refused = wait(vault_->keep(third));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::full);
  EXPECT_EQ(vault_->counts().bytes, 2000U);
  EXPECT_EQ(vault_->counts().refused, 0U);
}

TEST_F(VaultTest, OldMailGoesWithAllThatIsKnownOfIt) {
  keep(make("old"));
  keep(make("new"));
  EXPECT_EQ(wait(vault_->expire(at(1))).value(), 1U);
  EXPECT_EQ(subjects({}), Subjects{"new"});
  EXPECT_EQ(subjects({.text = "invoice"}), Subjects{"new"});
  EXPECT_EQ(vault_->counts().held, 1U);
}

TEST_F(VaultTest, AnAddressWithATagIsItsOwners) {
  auto item = make("tagged");
  item.message.recipients[0].envelope.address = mail::Mailbox::parse("Anna+shop@example.org").value();
  keep(item);
  EXPECT_EQ(subjects({.recipient = "anna@example.org"}), Subjects{"tagged"});
  EXPECT_EQ(subjects({.text = "invoice", .recipient = "anna@example.org"}), Subjects{"tagged"});
  EXPECT_EQ(subjects({.recipient = "shop@example.org"}), Subjects{});
}

TEST_F(VaultTest, IsFoundByItsTransaction) {
  const auto id = keep(make("x"));
  EXPECT_EQ(wait(vault_->of_transaction(id)).value(), id);
  EXPECT_FALSE(wait(vault_->of_transaction(fresh())).value());
}

TEST_F(VaultTest, ADamagedBodyIsNotHandedOut) {
  const auto id = keep(make("x", std::string(600'000, 'x')));
  vault_.reset();
  {
    Database database{(folder_ / "quarantine.db").string(), {}, Database::Access::write};
    database.execute("UPDATE chunk SET bytes=zeroblob(length(bytes)) WHERE key%65536=1");
  }
  open();
  const auto stored = wait(vault_->body(id));
  ASSERT_TRUE(stored);
  EXPECT_FALSE(mail::read_whole(**stored, 10U << 20));
}

TEST(FtsQuery, AskForAllWords) {
  EXPECT_EQ(fts_query("one two", "", true), R"(("one" AND "two" *))");
  EXPECT_EQ(fts_query("one \"two three\"", "subject", true), R"(subject : ("one" AND "two three"))");
  EXPECT_EQ(fts_query("ab", "", true), R"(("ab"))") << "a beginning of two letters would be half of all words";
  EXPECT_EQ(fts_query("  ", "", true), "");
}

}  // namespace
}  // namespace mailreeve::store::sqlite
