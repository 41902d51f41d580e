// SPDX-License-Identifier: Apache-2.0
// Servers that refuse, lie, or break off (reliability.md P07, Q01, Q05, Q06, Q07).
#include "smtp/client.h"
#include "smtp/client_test_driver.h"

namespace mailreeve::smtp {
namespace {

using testing::every_split;
using testing::message;
using testing::options;
using testing::Play;
using testing::Turn;
using Step = Client::Step;
using Outcome = RecipientResult::Outcome;

const std::string ehlo = "EHLO gate.example.net\r\n";
const std::string mail_line = "MAIL FROM:<from@example.org>\r\n";
const std::string rcpt_line = "RCPT TO:<a@example.com>\r\n";
const std::string body_sent = "Subject: x\r\n\r\n..dot\r\n.\r\n";

ClientOptions with(StartTls starttls) {
  auto made = options();
  made.starttls = starttls;
  return made;
}

TEST(SmtpClientTls, SaysEhloAgainAndForgetsWhatWasOfferedInClear) {
  const std::vector<Turn> script{{"", "220 mx\r\n"},
                                 {ehlo, "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n"},
                                 {"STARTTLS\r\n", "220 go\r\n"},
                                 {ehlo, "250-mx\r\n250 SIZE 5\r\n"}};
  for (const auto starttls : {StartTls::may, StartTls::must}) {
    every_split(with(starttls), script, [](Play& play) {
      ASSERT_EQ(play.run(), Step::idle);
      EXPECT_EQ(play.handshakes, 1);
      EXPECT_FALSE(play.client.offers("PIPELINING"));
      EXPECT_TRUE(play.client.offers("SIZE"));
      EXPECT_TRUE(play.client.was_ready());
    });
  }
}

TEST(SmtpClientTls, TextBehindTheReplyToStarttlsIsAnInjection) {
  const std::vector<Turn> script{{"", "220 mx\r\n"},
                                 {ehlo, "250-mx\r\n250 STARTTLS\r\n"},
                                 {"STARTTLS\r\n", "220 ok\r\n250-mx\r\n250 AUTH PLAIN\r\n"}};
  Play play{with(StartTls::may), script};
  EXPECT_EQ(play.run(), Step::closed);
  EXPECT_EQ(play.handshakes, 0);
  EXPECT_FALSE(play.client.was_ready());
  EXPECT_EQ(play.client.trouble().code, 451);
}

TEST(SmtpClientTls, GoesOnInClearOnlyWhereItMay) {
  const std::vector<Turn> refused{
      {"", "220 mx\r\n"}, {ehlo, "250-mx\r\n250 STARTTLS\r\n"}, {"STARTTLS\r\n", "454 4.7.0 no certificate\r\n"}};
  const std::vector<Turn> not_offered{{"", "220 mx\r\n"}, {ehlo, "250 mx\r\n"}};
  every_split(with(StartTls::may), refused, [](Play& play) { EXPECT_EQ(play.run(), Step::idle); });
  every_split(with(StartTls::must), refused, [](Play& play) {
    EXPECT_EQ(play.run(), Step::closed);
    EXPECT_EQ(play.client.trouble().text(), "454 4.7.0 no certificate");
  });
  every_split(with(StartTls::may), not_offered, [](Play& play) { EXPECT_EQ(play.run(), Step::idle); });
  every_split(with(StartTls::must), not_offered, [](Play& play) { EXPECT_EQ(play.run(), Step::closed); });
}

TEST(SmtpClientTls, AFailedHandshakeClosesTheConnection) {
  Play play{with(StartTls::may),
            {{"", "220 mx\r\n"}, {ehlo, "250-mx\r\n250 STARTTLS\r\n"}, {"STARTTLS\r\n", "220 go\r\n"}}};
  play.tls_fails = true;
  EXPECT_EQ(play.run(), Step::closed);
  EXPECT_FALSE(play.client.was_ready());
}

TEST(SmtpClientTls, NeverMeansNever) {
  every_split(with(StartTls::never), {{"", "220 mx\r\n"}, {ehlo, "250-mx\r\n250 STARTTLS\r\n"}}, [](Play& play) {
    EXPECT_EQ(play.run(), Step::idle);
    EXPECT_EQ(play.handshakes, 0);
  });
}

TEST(SmtpClientGreeting, AnOldServerIsGreetedWithHelo) {
  const std::vector<Turn> script{
      {"", "220 mx\r\n"}, {ehlo, "502 what?\r\n"}, {"HELO gate.example.net\r\n", "250 mx\r\n"}};
  every_split(options(), script, [](Play& play) { EXPECT_EQ(play.run(), Step::idle); });
}

TEST(SmtpClientGreeting, ARefusalIsAboutTheServerAndNeverPermanent) {
  const std::vector<std::vector<Turn>> scripts{
      {{"", "554 5.7.1 no service for you\r\n"}},
      {{"", "421 too busy\r\n"}},
      {{"", "220 mx\r\n"}, {ehlo, "451 later\r\n"}},
      {{"", "220 mx\r\n"}, {ehlo, "550 no\r\n"}, {"HELO gate.example.net\r\n", "550 no\r\n"}},
      {},
  };
  for (const auto& script : scripts) {
    every_split(options(), script, [](Play& play) {
      EXPECT_EQ(play.run(), Step::closed);
      EXPECT_FALSE(play.client.was_ready());
      EXPECT_GE(play.client.trouble().code, 400);
      // A driver that gives it the message all the same gets the reason for every recipient.
      ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
      EXPECT_EQ(play.client.results()[0].outcome, Outcome::temporary);
      EXPECT_EQ(play.client.results()[0].reply.text(), play.client.trouble().text());
      EXPECT_EQ(play.client.next(), Step::closed);
    });
  }
}

TEST(SmtpClientGreeting, LmtpHasNoHelo) {
  Play play{options(Protocol::lmtp), {{"", "220 mx\r\n"}, {"LHLO gate.example.net\r\n", "500 what\r\n"}}};
  EXPECT_EQ(play.run(), Step::closed);
}

/// What becomes of the only recipient of a message when the server ends its part with `turns`.
struct Broken {
  const char* name;
  std::vector<Turn> turns;
  bool after_dot;
};

TEST(SmtpClientTrouble, EverythingUndecidedIsTemporary) {
  const std::string envelope = mail_line + rcpt_line + "DATA\r\n";
  const Turn accepted{envelope, "250 ok\r\n250 ok\r\n354 go\r\n"};
  const std::vector<Broken> cases{
      {"closed at once", {}, false},
      {"closed after the envelope", {{envelope, "250 ok\r\n"}}, false},
      {"closed after the dot", {accepted}, true},
      {"421 at MAIL", {{envelope, "421 bye\r\n"}}, false},
      {"421 at RCPT", {{envelope, "250 ok\r\n421 bye\r\n"}}, false},
      {"421 at DATA", {{envelope, "250 ok\r\n250 ok\r\n421 bye\r\n"}}, false},
      {"421 at the dot", {accepted, {body_sent, "421 4.3.2 bye\r\n"}}, false},
      {"250 at DATA", {{envelope, "250 ok\r\n250 ok\r\n250 ok\r\n"}}, false},
      {"354 at MAIL", {{envelope, "354 go\r\n"}}, false},
      {"354 at RCPT", {{envelope, "250 ok\r\n354 go\r\n"}}, false},
      {"354 at the dot", {accepted, {body_sent, "354 go\r\n"}}, true},
      {"codes that differ", {accepted, {body_sent, "250-one\r\n550 two\r\n"}}, true},
      {"no code", {accepted, {body_sent, "ok\r\n"}}, true},
      {"a code of four digits", {accepted, {body_sent, "2500 ok\r\n"}}, true},
      {"a code of class 1", {accepted, {body_sent, "199 ok\r\n"}}, true},
      {"a code of class 6", {accepted, {body_sent, "650 ok\r\n"}}, true},
      {"an empty line", {accepted, {body_sent, "\r\n"}}, true},
      {"half a reply", {accepted, {body_sent, "250 ok"}}, true},
      {"a reply that never ends", {accepted, {body_sent, "250-ok\r\n250-ok\r\n"}}, true},
      {"NUL for a code", {accepted, {body_sent, std::string{"\0\0\0 ok\r\n", 8}}}, true},
  };
  for (const auto& broken : cases) {
    SCOPED_TRACE(broken.name);
    std::vector<Turn> turns{{"", "220 mx\r\n"}, {ehlo, "250-mx\r\n250 PIPELINING\r\n"}};
    turns.insert(turns.end(), broken.turns.begin(), broken.turns.end());
    every_split(options(), turns, [&broken](Play& play) {
      ASSERT_EQ(play.run(), Step::idle);
      ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
      ASSERT_EQ(play.client.results().size(), 1U);
      const auto& result = play.client.results()[0];
      EXPECT_EQ(result.outcome, Outcome::temporary);
      EXPECT_TRUE(result.reply.is_temporary()) << result.reply.text();
      EXPECT_FALSE(result.reply.lines.at(0).empty());
      EXPECT_EQ(result.after_dot, broken.after_dot);
      EXPECT_EQ(play.client.next(), Step::closed);
      EXPECT_EQ(play.client.take_output(), "");
    });
  }
}

TEST(SmtpClientTrouble, AReplyAheadOfItsCommandIsNoAnswerToIt) {
  Client client{options()};
  client.receive("220 mx\r\n250 mx\r\n");
  EXPECT_EQ(client.next(), Step::closed);

  Client partly{options()};
  partly.receive("220 mx\r\n25");
  EXPECT_EQ(partly.next(), Step::closed);
}

TEST(SmtpClientTrouble, AnAnswerAheadOfTheBodyIsNone) {
  Play play{options(),
            {{"", "220 mx\r\n"},
             {ehlo, "250-mx\r\n250 PIPELINING\r\n"},
             {mail_line + rcpt_line + "DATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"}}};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
  EXPECT_EQ(play.bodies, 0);
  EXPECT_EQ(play.client.results()[0].outcome, Outcome::temporary);
  EXPECT_EQ(play.client.next(), Step::closed);
}

TEST(SmtpClientTrouble, WordsAfterTheLastReplySpoilTheConnectionButNotTheResult) {
  Play play{options(),
            {{"", "220 mx\r\n"},
             {ehlo, "250-mx\r\n250 PIPELINING\r\n"},
             {mail_line + rcpt_line + "DATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"},
             {body_sent, "250 ok\r\n250 and once more\r\n"}}};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
  EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
  EXPECT_EQ(play.client.next(), Step::closed);
}

TEST(SmtpClientTrouble, AGoodbyeWhileIdleClosesQuietly) {
  every_split(options(), {{"", "220 mx\r\n"}, {ehlo, "250 mx\r\n"}}, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    play.client.receive("421 4.4.2 idle too long\r\n");
    EXPECT_EQ(play.client.next(), Step::closed);
    EXPECT_TRUE(play.client.was_ready());
  });
}

TEST(SmtpClientTrouble, EndlessRepliesAreCutOff) {
  Client long_line{options()};
  for (int i = 0; i < 5 && long_line.next() == Step::read; ++i) long_line.receive(std::string(1000, '2'));
  EXPECT_EQ(long_line.next(), Step::closed);

  Client many_lines{options()};
  int lines = 0;
  for (; lines < 100'000 && many_lines.next() == Step::read; ++lines) many_lines.receive("220-still here\r\n");
  EXPECT_EQ(many_lines.next(), Step::closed);
  EXPECT_LT(lines, 64 * 1024 / 16 + 2);
}

TEST(SmtpReplies, AreReadLenientlyWhereNothingHangsOnIt) {
  Play play{options(),
            {{"", "220 mx\n"},
             {ehlo, "250 mx\n"},
             {mail_line, "250\r\n"},
             {rcpt_line, "550-5.1.1 nobody\x1b[31m here\r\n550-5.1.1\r\n550 4.1.1 odd\r\n"}}};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
  const auto& reply = play.client.results()[0].reply;
  EXPECT_EQ(reply.enhanced, "5.1.1");
  EXPECT_EQ(reply.lines, (std::vector<std::string>{"nobody?[31m here", "", "4.1.1 odd"}));
}

TEST(SmtpClientTrouble, AHostNameCannotSmuggleACommand) {
  auto bad = options();
  bad.host_name = "x\r\nMAIL FROM:<evil@example.org>";
  Play play{bad, {{"", "220 mx\r\n"}}};
  EXPECT_EQ(play.run(), Step::closed);
  EXPECT_EQ(play.unanswered(), "");
}

}  // namespace
}  // namespace mailreeve::smtp
