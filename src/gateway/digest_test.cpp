// SPDX-License-Identifier: Apache-2.0
#include "gateway/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/memory_queue.h"
#include "support/memory_vault.h"
#include "support/run.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;
using store::DigestTimes;
using support::run;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class MovedClock final : public Clock {
 public:
  WallTime now() const override { return time; }
  SteadyTime steady() const override { return {}; }
  WallTime time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h;  // a Saturday
};

class DigestTest : public testing::Test {
 protected:
  DigestTest() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    judge::RecipientOptions options;
    judge::DomainOptions domain;
    domain.name = *mail::Domain::parse("example.org");
    domain.recipients = judge::make_any_directory();
    options.domains.push_back(std::move(domain));
    auto rules = std::make_shared<judge::Rules>();
    rules->contact = "postmaster@example.org";
    rules->policies.set_domain(*mail::Domain::parse("example.org"),
                               std::make_shared<const judge::Policy>(judge::built_in_policies().at("balanced")));
    Options gateway;
    gateway.host_name = "mx.example.org";
    live_.emplace(std::make_shared<const Live>(Live{.options = std::move(gateway),
                                                    .recipients = judge::AddressBook{options},
                                                    .tls = {},
                                                    .plan = {},
                                                    .rules = rules}));
    begin();
  }

  /// A start of the gateway: only what is stored is known.
  void begin() {
    mailer_.emplace(MailerServices{queue_, {}, *live_, clock_, random_, *log_});
    digest_.emplace(
        DigestServices{vault_, *wishes_, *mailer_, key_, *live_, [this] { return url_; }, clock_, random_, *log_});
  }

  void hold(std::string subject, std::vector<std::string> recipients = {"anna@example.org"},
            store::HeldKind kind = store::HeldKind::held, std::vector<std::string> findings = {}) {
    store::NewHeld item;
    auto& message = item.message;
    message.id = MessageId::make(clock_.time, random_);
    message.time = clock_.time;
    message.kind = kind;
    message.from = "Offers <info@far.example>";
    message.subject = std::move(subject);
    message.decided_by = "score";
    message.findings = std::move(findings);
    message.envelope.sender = *mail::Mailbox::parse("info@far.example");
    for (const auto& recipient : recipients) {
      store::HeldRecipient one;
      one.number = static_cast<std::uint32_t>(message.recipients.size());
      one.envelope.address = *mail::Mailbox::parse(recipient);
      message.recipients.push_back(std::move(one));
    }
    item.body = std::make_shared<mail::MemoryBody>("x");
    run(vault_.keep(std::move(item)));
  }
  std::size_t send_due() {
    const auto sent = run(digest_->send_due());
    EXPECT_TRUE(sent) << sent.error().text;
    return sent.value_or(0);
  }
  std::size_t send_now(std::string_view who = {}) {
    const auto sent = run(digest_->send_now(who.empty() ? std::nullopt : std::optional{*mail::Mailbox::parse(who)}));
    EXPECT_TRUE(sent) << sent.error().text;
    return sent.value_or(0);
  }
  std::vector<store::QueuedMessage> queued() {
    auto all = run(queue_.list({}));
    return all ? *all : std::vector<store::QueuedMessage>{};
  }
  std::string last_text() {
    const auto all = queued();
    if (all.empty()) return {};
    const auto body = run(queue_.body(all.back().id));
    return body ? *mail::read_whole(**body, 1'000'000) : std::string{};
  }

  std::unique_ptr<Logger> log_ = make_silent_logger();
  MovedClock clock_;
  SeededRandom random_{3};
  support::MemoryQueue queue_;
  support::MemoryVault vault_;
  std::unique_ptr<store::Wishes> wishes_ = store::make_memory_wishes();
  std::optional<Current<Live>> live_;
  LinkKey key_{{1, 2, 3}};
  std::string url_ = "https://mx.example.org";
  std::optional<Mailer> mailer_;
  std::optional<Digest> digest_;
};

TEST_F(DigestTest, IsSentOnceADayWithWhatCameBefore) {
  hold("early");
  EXPECT_EQ(send_due(), 0U) << "it came after this day's time";
  clock_.time += 18h + 59min;  // Sunday 06:59
  EXPECT_EQ(send_due(), 0U);
  clock_.time += 1min;
  EXPECT_EQ(send_due(), 1U);
  EXPECT_THAT(queued(), SizeIs(1));
  clock_.time += 1min;
  EXPECT_EQ(send_due(), 0U);
  begin();
  EXPECT_EQ(send_due(), 0U) << "a restart sends nothing twice";
  clock_.time += 24h;
  EXPECT_EQ(send_due(), 0U) << "nothing is new";
  hold("late");
  clock_.time += 24h;
  EXPECT_EQ(send_due(), 1U);
  EXPECT_THAT(last_text(), HasSubstr("late"));
  EXPECT_THAT(last_text(), Not(HasSubstr("early")));
}

TEST_F(DigestTest, WhatAStopMissedIsSentAtTheNextStart) {
  hold("waiting");
  clock_.time += 26h;  // Sunday 14:00, and nobody was running at 07:00
  begin();
  EXPECT_EQ(send_due(), 1U);
}

TEST_F(DigestTest, ACrashBetweenSendingAndNotingSendsTheSameMail) {
  hold("waiting");
  clock_.time += 20h;
  ASSERT_EQ(send_due(), 1U);
  wishes_ = store::make_memory_wishes();  // as if it had never been noted
  begin();
  clock_.time += 1min;
  EXPECT_EQ(send_due(), 1U);
  EXPECT_THAT(queued(), SizeIs(1)) << "offered under the same id";
}

TEST_F(DigestTest, GoesAsOftenAsIsWanted) {
  run(wishes_->choose_digest("anna@example.org", DigestTimes::never));
  run(wishes_->choose_digest("bert@example.org", DigestTimes::hourly));
  run(wishes_->choose_digest("carl@example.org", DigestTimes::weekly));
  hold("x", {"anna@example.org", "Bert+tag@example.org", "carl@example.org"});
  clock_.time += 1h;
  EXPECT_EQ(send_due(), 1U) << "Bert's";
  EXPECT_EQ(queued().back().recipients.front().envelope.address.text(), "bert@example.org");
  clock_.time += 24h;  // Sunday
  EXPECT_EQ(send_due(), 0U);
  clock_.time += 24h;  // Monday
  EXPECT_EQ(send_due(), 1U) << "Carl's";
  clock_.time += 24h * 7;
  EXPECT_EQ(send_due(), 0U);
}

TEST_F(DigestTest, NobodyIsToldOfThoseHeBlocks) {
  run(wishes_->add("anna@example.org", store::WishList::block, "far.example"));
  hold("x", {"anna@example.org", "bert@example.org"});
  clock_.time += 24h;
  EXPECT_EQ(send_due(), 1U) << "Bert's";
}

TEST_F(DigestTest, WhatIsDecidedIsNoNews) {
  hold("x");
  const auto all = run(vault_.search({}));
  run(vault_.change(all->front().id, {}, store::HeldState::asked, "anna", clock_.time));
  clock_.time += 24h;
  EXPECT_EQ(send_due(), 0U);
}

TEST_F(DigestTest, LinksSayWhatARecipientMayDo) {
  hold("plain");
  EXPECT_EQ(send_now(), 1U);
  EXPECT_THAT(last_text(), HasSubstr("Release and allow sender: "));
  hold("virus", {"anna@example.org"}, store::HeldKind::held, {"virus.found"});
  EXPECT_EQ(send_now(), 0U) << "at the same moment";
  clock_.time += 1s;
  hold("refused", {"anna@example.org"}, store::HeldKind::refused);
  EXPECT_EQ(send_now("anna@example.org"), 1U);
  EXPECT_THAT(last_text(), HasSubstr("Ask for release: "));
  EXPECT_THAT(last_text(), Not(HasSubstr("Release and allow")));
  url_.clear();
  clock_.time += 1s;
  hold("more");
  EXPECT_EQ(send_now(), 1U);
  EXPECT_THAT(last_text(), Not(HasSubstr("/link/"))) << "there are no pages";
}

TEST_F(DigestTest, OnlyTheNewestAreTold) {
  for (std::size_t i = 0; i < digest_items + 7; ++i) {
    hold("x");
    clock_.time += 1s;
  }
  EXPECT_EQ(send_now(), 1U);
  EXPECT_NE(last_text().find("and 7 more."), std::string::npos);
  EXPECT_EQ(send_now(), 0U);
}

TEST_F(DigestTest, AFullQueueIsTriedAgain) {
  hold("x");
  clock_.time += 24h;
  support::MemoryQueue good;
  queue_.break_down();
  EXPECT_TRUE(run(digest_->send_due()));
  mailer_.emplace(MailerServices{good, {}, *live_, clock_, random_, *log_});
  clock_.time += 1min;
  EXPECT_EQ(send_due(), 1U);
}

TEST_F(DigestTest, StrangersAreNotWrittenTo) {
  hold("x", {"anna@elsewhere.example"});
  clock_.time += 24h;
  EXPECT_EQ(send_due(), 0U);
  EXPECT_THAT(queued(), IsEmpty());
  const auto refused =
      run(mailer_->send({.to = *mail::Mailbox::parse("x@elsewhere.example"), .subject = "s", .text = "t", .html = {}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_THAT(refused.error().text, HasSubstr("no domain of ours"));
}

TEST_F(DigestTest, ComesFromAValidSenderAndAsksForNoAnswer) {
  hold("x");
  EXPECT_EQ(send_now(), 1U);
  const auto message = queued().front();
  EXPECT_EQ(message.envelope.sender->text(), "postmaster@example.org");
  EXPECT_TRUE(message.recipients.front().envelope.notify.never);
  EXPECT_EQ(message.recipients.front().destination, "example.org");
  EXPECT_THAT(last_text(), HasSubstr("Auto-Submitted: auto-generated\r\n"));
}

}  // namespace
}  // namespace mailreeve::gateway
