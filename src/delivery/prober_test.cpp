// SPDX-License-Identifier: Apache-2.0
#include "delivery/prober.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "support/run.h"

namespace mailreeve::delivery {
namespace {

using namespace std::chrono_literals;
using judge::ProbeAnswer;
using Kind = ProbeAnswer::Kind;
using testing::ElementsAre;

/// What a server says: to the connection, then to each line that begins so. "" is silence.
struct Script {
  std::string greeting = "220 inside ESMTP";
  std::string ehlo = "250-inside\r\n250 PIPELINING";
  std::string helo = "250 inside";
  std::string mail = "250 fine";
  std::string rcpt = "250 fine";
};

/// A server on loopback that follows a script, and a prober.
class ProberTest : public testing::Test {
 protected:
  ~ProberTest() override {
    loops_->stop();
    thread_.join();
  }

  void serve(Script script) {
    script_ = std::move(script);
    auto socket = net::BoundSocket::bind({*IpAddress::parse("127.0.0.1"), 0}, loops_->size());
    ASSERT_TRUE(socket);
    port_ = socket->local().port;
    listener_ = loops_->listen(
        std::move(*socket), "inside",
        [this](net::Loop& loop, std::unique_ptr<net::Stream> stream) { return answer(loop, std::move(stream)); });
  }
  ProbeAnswer ask(mail::ReversePath sender = std::nullopt, std::chrono::milliseconds limit = 10s) {
    return support::run(prober_->recipient(*IpAddress::parse("127.0.0.1"), port_, std::move(sender),
                                           *mail::Mailbox::parse("anna@example.org", mail::Utf8::refuse), limit));
  }
  ProbeAnswer greet() { return support::run(prober_->greeting(*IpAddress::parse("127.0.0.1"), port_, 10s)); }
  std::vector<std::string> heard() {
    std::lock_guard lock{mutex_};
    return heard_;
  }

  std::unique_ptr<Logger> log_ = make_silent_logger();
  std::unique_ptr<net::LoopGroup> loops_ = net::make_loops(1, *log_);
  std::unique_ptr<judge::Prober> prober_ = make_prober(*loops_, "mx.example.org");
  std::uint16_t port_ = 0;

 private:
  Task<void> answer(net::Loop&, std::unique_ptr<net::Stream> stream) {
    stream->set_deadline(std::chrono::steady_clock::now() + 20s);
    std::string input;
    auto reply = script_.greeting;
    while (true) {
      if (!reply.empty()) {
        reply += "\r\n";
        const auto sent = co_await stream->write_all(reply);
        if (!sent) co_return;
      }
      while (input.find("\r\n") == std::string::npos) {
        char bytes[1000];
        const auto got = co_await stream->read_some(bytes, sizeof bytes);
        if (!got || *got == 0) co_return;
        input.append(bytes, *got);
      }
      reply = reply_to(input.substr(0, input.find("\r\n")));
      input.erase(0, input.find("\r\n") + 2);
    }
  }
  std::string reply_to(const std::string& line) {
    std::lock_guard lock{mutex_};
    heard_.push_back(line);
    if (line.starts_with("EHLO")) return script_.ehlo;
    if (line.starts_with("HELO")) return script_.helo;
    if (line.starts_with("MAIL")) return script_.mail;
    if (line.starts_with("RCPT")) return script_.rcpt;
    return "221 bye";
  }

  Script script_;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::unique_ptr<net::Listener> listener_;
  std::thread thread_{[this] { loops_->run(); }};
};

TEST_F(ProberTest, AsksForOneRecipientAndSendsNothing) {
  serve({});
  const auto answer = ask();
  EXPECT_EQ(answer.kind, Kind::accepted);
  EXPECT_EQ(answer.reply, "250 fine");
  const auto said = heard();
  ASSERT_GE(said.size(), 3U);
  EXPECT_THAT(std::vector(said.begin(), said.begin() + 3),
              ElementsAre("EHLO mx.example.org", "MAIL FROM:<>", "RCPT TO:<anna@example.org>"));
  for (const auto& line : said) EXPECT_FALSE(line.starts_with("DATA"));
}

TEST_F(ProberTest, NamesTheSender) {
  serve({});
  EXPECT_EQ(ask(*mail::Mailbox::parse("a@example.net", mail::Utf8::refuse)).kind, Kind::accepted);
  EXPECT_EQ(heard().at(1), "MAIL FROM:<a@example.net>");
}

TEST_F(ProberTest, ARefusalIsAboutTheAddressOnlyAfterRcpt) {
  const std::pair<Script, Kind> cases[] = {
      {{.rcpt = "550 5.1.1 nobody"}, Kind::refused},
      {{.rcpt = "450 later"}, Kind::temporary},
      {{.mail = "550 not you"}, Kind::blocked},
      {{.mail = "451 later"}, Kind::temporary},
      {{.greeting = "554 go away"}, Kind::blocked},
      {{.greeting = "421 busy"}, Kind::temporary},
      {{.ehlo = "502 what", .helo = "550 not you"}, Kind::blocked},
  };
  for (const auto& [script, kind] : cases) {
    serve(script);
    EXPECT_EQ(ask().kind, kind) << script.greeting << script.mail << script.rcpt;
  }
}

TEST_F(ProberTest, SaysHeloToAServerThatDoesNotKnowEhlo) {
  serve({.ehlo = "502 what"});
  EXPECT_EQ(ask().kind, Kind::accepted);
}

TEST_F(ProberTest, TheTimeLimitIsForAllTogether) {
  serve({.rcpt = ""});
  EXPECT_EQ(ask(std::nullopt, 200ms).kind, Kind::timeout);
}

TEST_F(ProberTest, TheReplyIsOneLineWithoutControlOctets) {
  serve({.rcpt = "550-5.1.1 no\x01"
                 "body\r\n550 5.1.1 here\tat all" +
                 std::string(2000, 'x')});
  const auto answer = ask();
  EXPECT_EQ(answer.kind, Kind::refused);
  EXPECT_LE(answer.reply.size(), 300U);
  for (const char c : answer.reply) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << answer.reply;
}

TEST_F(ProberTest, ANonsensicalServerIsNotARefusal) {
  serve({.rcpt = "what do you mean"});
  EXPECT_EQ(ask().kind, Kind::unreachable);
}

TEST_F(ProberTest, NobodyListens) {
  port_ = 1;
  EXPECT_EQ(ask().kind, Kind::unreachable);
}

TEST_F(ProberTest, AGreetingIsEnoughWhereOnlyThatIsAsked) {
  serve({});
  EXPECT_EQ(greet().kind, Kind::accepted);
  serve({.greeting = "554 go away"});
  EXPECT_EQ(greet().kind, Kind::blocked);
}

}  // namespace
}  // namespace mailreeve::delivery
