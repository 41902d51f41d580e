// SPDX-License-Identifier: Apache-2.0
// Sessions over real loopback sockets, with a real queue and a scripted outside.
#include "gateway/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/sqlite/queue.h"
#include "support/gateway_fixture.h"
#include "support/talker.h"

namespace mailreeve::gateway {
namespace {

using namespace std::chrono_literals;
using support::always;
using support::GatewayFixture;
using support::GatewaySettings;
using support::Talker;
using testing::HasSubstr;
using testing::StartsWith;
using Outcome = delivery::RecipientResult::Outcome;

constexpr std::string_view note = "Subject: hello\r\n\r\nA line.\r\n";

class SessionTest : public testing::Test {
 protected:
  std::unique_ptr<GatewayFixture> start(GatewaySettings settings = {}) {
    settings.data_dir = folder_;
    auto queue = store::sqlite::open_queue({.path = folder_ / "queue.db", .vfs = "", .node = "test"}, *log_, metrics_);
    if (!queue) throw std::runtime_error(queue.error().text);
    return std::make_unique<GatewayFixture>(std::move(*queue), *files_, std::move(settings));
  }
  static std::unique_ptr<Talker> greeted(const GatewayFixture& gateway) {
    auto talker = std::make_unique<Talker>(gateway.endpoint());
    EXPECT_THAT(talker->reply(), StartsWith("220 mx.example.org"));
    EXPECT_THAT(talker->ask("EHLO client.example.com"), HasSubstr("PIPELINING"));
    return talker;
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  SessionTest() { std::filesystem::create_directory(folder_); }
  ~SessionTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      fmt::format("session_test.{}.{}", ::getpid(), testing::UnitTest::GetInstance()->current_test_info()->name());
  std::unique_ptr<Logger> log_ = make_silent_logger();
  Metrics metrics_;
  std::unique_ptr<Files> files_ = make_system_files();
};

TEST_F(SessionTest, TheInternalServersAnswerIsOurs) {
  const auto gateway = start();
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("a@sender.example", "user@example.org", note), StartsWith("250 2.0.0"));
  const auto taken = gateway->outside().deliveries();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_THAT(taken[0].body, StartsWith("Received: from client.example.com"));
  EXPECT_THAT(taken[0].body, testing::EndsWith(std::string{note}));
  EXPECT_THAT(taken[0].body, HasSubstr("for <user@example.org>"));

  gateway->outside().set_answer(
      always(Outcome::permanent, smtp::Reply{552, "5.2.2", "Mailbox full, says the inner server"}));
  EXPECT_EQ(talker->mail("a@sender.example", "user@example.org", note),
            "552 5.2.2 Mailbox full, says the inner server");
}

TEST_F(SessionTest, AnInternalServerThatCannotAnswerMeansQueuedAndAccepted) {
  const auto gateway = start();
  gateway->outside().set_answer(always(Outcome::temporary, smtp::Reply{451, "4.4.1", "no route"}));
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("a@sender.example", "user@example.org", note), StartsWith("250 2.0.0"));
  EXPECT_TRUE(gateway->outside().deliveries().empty());
}

TEST_F(SessionTest, QueueModeDeliversAfterAccepting) {
  GatewaySettings settings;
  settings.handover = delivery::Handover::queue;
  const auto gateway = start(settings);
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("a@sender.example", "user@example.org", note), StartsWith("250 2.0.0"));
  EXPECT_TRUE(eventually([&] { return gateway->outside().deliveries().size() == 1; }));
}

// The runner's next look was once put half a minute off while the only message was being delivered.
TEST_F(SessionTest, WhatWasPutOffIsTriedAgainWhenItIsDue) {
  GatewaySettings settings;
  settings.handover = delivery::Handover::queue;
  settings.delivery.retry = {1s};
  const auto gateway = start(settings);
  gateway->outside().set_answer(always(Outcome::temporary, smtp::Reply{451, "4.3.0", "not now"}));
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("a@sender.example", "user@example.org", note), StartsWith("250 2.0.0"));
  EXPECT_TRUE(eventually([&] { return gateway->outside().attempts() >= 3; }));
}

TEST_F(SessionTest, AStopLeavesWhatFailsAsItWas) {
  GatewaySettings settings;
  settings.handover = delivery::Handover::queue;
  auto gateway = start(settings);
  gateway->outside().set_answer([&gateway](const std::string&, const mail::Envelope& envelope, const std::string&) {
    gateway->drain();  // the stop comes while the outside is being asked
    return delivery::same_for_all(envelope.recipients.size(), Outcome::temporary, smtp::Reply{451, "4.4.2", "cut"});
  });
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("a@sender.example", "user@example.org", note), StartsWith("250 2.0.0"));
  EXPECT_TRUE(eventually([&] { return gateway->outside().attempts() == 1 && gateway->runner().running() == 0; }));
  gateway.reset();
  gateway = start(settings);
  EXPECT_TRUE(eventually([&] { return gateway->outside().deliveries().size() == 1; }))
      << "due at once, not in 5 minutes";
}

TEST_F(SessionTest, ManyMessagesOnOneConnection) {
  GatewaySettings settings;
  settings.handover = delivery::Handover::queue;
  const auto gateway = start(settings);
  const auto talker = greeted(*gateway);
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(talker->mail("a@sender.example", "user@example.org", note), StartsWith("250 2.0.0"));
  }
  EXPECT_TRUE(eventually([&] { return gateway->outside().deliveries().size() == 50; }));
}

TEST_F(SessionTest, StrangersAndStrangersDomainsAreRefused) {
  const auto gateway = start();
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("a@sender.example", "nobody@example.org", note), StartsWith("550 5.1.1"));
  EXPECT_THAT(talker->ask("RCPT TO:<someone@elsewhere.example>"), StartsWith("550 5.7.1"));
  EXPECT_THAT(talker->ask("RCPT TO:<postmaster>"), StartsWith("250"));
  EXPECT_THAT(talker->ask("RCPT TO:<Abuse@EXAMPLE.org>"), StartsWith("250"));
}

TEST_F(SessionTest, ARelayNetworkMaySendAnywhereByQueue) {
  GatewaySettings settings;
  settings.relay_networks = {"127.0.0.0/8"};
  const auto gateway = start(settings);
  const auto talker = greeted(*gateway);
  EXPECT_THAT(talker->mail("user@example.org", "someone@elsewhere.example", note), StartsWith("250"));
  ASSERT_TRUE(eventually([&] { return gateway->outside().deliveries().size() == 1; }));
  EXPECT_EQ(gateway->outside().deliveries()[0].destination, "elsewhere.example");
}

TEST_F(SessionTest, AliasesAreRewrittenAndNamedTwiceMeansOnce) {
  const auto gateway = start();
  const auto talker = greeted(*gateway);
  talker->ask("MAIL FROM:<>");
  talker->ask("RCPT TO:<user@example.net>");
  talker->ask("RCPT TO:<user@example.org>");
  talker->ask("DATA");
  talker->send(note);
  EXPECT_THAT(talker->ask("."), StartsWith("250"));
  const auto taken = gateway->outside().deliveries();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].recipient, "user@example.org");
}

TEST_F(SessionTest, ALoopIsCut) {
  const auto gateway = start();
  const auto talker = greeted(*gateway);
  std::string hops;
  for (int i = 0; i < 100; ++i) hops += "Received: from a by b.example; Fri, 20 Nov 2026 22:15:00 +0000\r\n";
  EXPECT_THAT(talker->mail("a@b.example", "user@example.org", hops + std::string{note}), StartsWith("250"));
  hops += "Received: from a by b.example; Fri, 20 Nov 2026 22:15:00 +0000\r\n";
  EXPECT_THAT(talker->mail("a@b.example", "user@example.org", hops + std::string{note}), StartsWith("554 5.4.6"));
  std::string own;
  for (int i = 0; i < 4; ++i)
    own += "Received: from a by mx.example.org with ESMTP; Fri, 20 Nov 2026 22:15:00 +0000\r\n";
  EXPECT_THAT(talker->mail("a@b.example", "user@example.org", own + std::string{note}), StartsWith("554 5.4.6"));
}

TEST_F(SessionTest, SilenceIsEndedWithItsReply) {
  GatewaySettings settings;
  settings.limits.command_timeout = 0s;
  const auto gateway = start(settings);
  Talker talker{gateway->endpoint()};
  EXPECT_THAT(talker.reply(), StartsWith("220"));
  EXPECT_THAT(talker.reply(), StartsWith("421 4.4.2"));
  EXPECT_TRUE(talker.closed());
}

TEST_F(SessionTest, TooManyFromOneAddressAreToldToWait) {
  GatewaySettings settings;
  settings.limits.connections_per_address = 2;
  const auto gateway = start(settings);
  const auto first = greeted(*gateway);
  const auto second = greeted(*gateway);
  Talker third{gateway->endpoint()};
  EXPECT_THAT(third.reply(), StartsWith("421 4.7.0"));
  EXPECT_TRUE(third.closed());
}

TEST_F(SessionTest, DrainingEndsTheIdleAndLetsTheBusyFinish) {
  const auto gateway = start();
  const auto idle = greeted(*gateway);
  const auto busy = greeted(*gateway);
  busy->ask("MAIL FROM:<a@b.example>");
  busy->ask("RCPT TO:<user@example.org>");
  busy->ask("DATA");
  gateway->drain();
  EXPECT_THAT(idle->reply(), StartsWith("421 4.3.2"));
  busy->send(note);
  EXPECT_THAT(busy->ask("."), StartsWith("250"));
  EXPECT_THAT(busy->reply(), StartsWith("421 4.3.2"));
  EXPECT_TRUE(eventually([&] { return gateway->open_sessions() == 0; }));
}

TEST_F(SessionTest, ATrustedBalancerSaysWhoConnected) {
  GatewaySettings settings;
  settings.listener.proxy_from = {*IpNetwork::parse("127.0.0.0/8")};
  const auto gateway = start(settings);
  Talker talker{gateway->endpoint()};
  talker.send("PROXY TCP4 192.0.2.7 10.0.0.1 5555 25\r\nEHLO behind.example.com\r\n");
  EXPECT_THAT(talker.reply(), StartsWith("220"));
  EXPECT_THAT(talker.reply(), StartsWith("250"));
  EXPECT_THAT(talker.mail("a@b.example", "user@example.org", note), StartsWith("250"));
  EXPECT_THAT(gateway->outside().deliveries()[0].body, HasSubstr("[192.0.2.7]"));
  Talker without{gateway->endpoint()};
  without.send("EHLO direct.example.com\r\n");
  EXPECT_TRUE(without.closed());
}

TEST_F(SessionTest, LargeMessagesArriveWholeThroughAFile) {
  GatewaySettings settings;
  settings.limits.memory_body = 10'000;
  const auto gateway = start(settings);
  const auto talker = greeted(*gateway);
  std::string large{note};
  for (int i = 0; i < 20'000; ++i) large += "..dotted line " + std::to_string(i) + "\r\n.\x2e\r\n";
  std::string expected = large;
  for (auto at = expected.find("\r\n."); at != std::string::npos; at = expected.find("\r\n.", at + 2)) {
    expected.erase(at + 2, 1);
  }
  EXPECT_THAT(talker->mail("a@b.example", "user@example.org", large), StartsWith("250"));
  const auto taken = gateway->outside().deliveries();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_TRUE(std::string_view{taken[0].body}.ends_with(expected));
}

}  // namespace
}  // namespace mailreeve::gateway
