// SPDX-License-Identifier: Apache-2.0
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
const std::string body_sent = "Subject: x\r\n\r\n..dot\r\n.\r\n";

std::string rcpt(std::string_view who) { return "RCPT TO:<" + std::string{who} + ">\r\n"; }

/// A server that is greeted and offers `extensions`, one a line.
std::vector<Turn> greeted(std::vector<std::string> extensions, std::vector<Turn> more, std::string hello = ehlo) {
  std::vector<Turn> turns{{"", "220 mx ESMTP\r\n"}};
  std::string say = extensions.empty() ? "250 mx\r\n" : "250-mx\r\n";
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    say += (i + 1 < extensions.size() ? "250-" : "250 ") + extensions[i] + "\r\n";
  }
  turns.push_back({std::move(hello), std::move(say)});
  turns.insert(turns.end(), more.begin(), more.end());
  return turns;
}

TEST(SmtpClient, GoesStepByStepWhereTheServerDoesNotPipeline) {
  const auto script = greeted({"SIZE 1000"}, {{"MAIL FROM:<from@example.org> SIZE=100\r\n", "250 ok\r\n"},
                                              {rcpt("a@example.com"), "250 ok\r\n"},
                                              {rcpt("b@example.com"), "550 5.1.1 no such user\r\n"},
                                              {"DATA\r\n", "354 go on\r\n"},
                                              {body_sent, "250 2.0.0 taken\r\n"}});
  every_split(options(), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com", "b@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
    EXPECT_EQ(play.client.results()[0].reply.text(), "250 2.0.0 taken");
    EXPECT_EQ(play.client.results()[1].outcome, Outcome::permanent);
    EXPECT_EQ(play.client.results()[1].reply.enhanced, "5.1.1");
    EXPECT_EQ(play.client.results()[1].reply.lines, std::vector<std::string>{"no such user"});
    EXPECT_EQ(play.client.next(), Step::idle);
    EXPECT_TRUE(play.script_is_over());
  });
}

TEST(SmtpClient, SendsTheWholeEnvelopeInOneWriteWhereTheServerPipelines) {
  const auto envelope = mail_line + rcpt("a@example.com") + rcpt("b@example.com") + "DATA\r\n";
  const auto script =
      greeted({"PIPELINING"}, {{envelope, "250 ok\r\n250 ok\r\n452 4.2.2 full\r\n354 go\r\n"},
                               {body_sent, "250 ok\r\n"},
                               {mail_line + rcpt("c@example.com") + "DATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"},
                               {body_sent, "250 ok\r\n"}});
  every_split(options(), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com", "b@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
    EXPECT_EQ(play.client.results()[1].outcome, Outcome::temporary);
    ASSERT_EQ(play.client.next(), Step::idle);
    ASSERT_EQ(play.send(message({"c@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
    EXPECT_TRUE(play.script_is_over());
  });
}

TEST(SmtpClient, EndsAnEmptyMessageWhereDataIsTakenThoughNobodyWas) {
  const auto script =
      greeted({"PIPELINING"}, {{mail_line + rcpt("a@example.com") + "DATA\r\n", "250 ok\r\n550 no\r\n354 go\r\n"},
                               {".\r\n", "554 no valid recipients\r\n"},
                               {"QUIT\r\n", "221 bye\r\n"}});
  every_split(options(), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
    EXPECT_EQ(play.bodies, 0);
    EXPECT_EQ(play.client.results()[0].reply.text(), "550 no");
    ASSERT_EQ(play.client.next(), Step::idle);
    play.client.quit();
    EXPECT_EQ(play.run(), Step::closed);
    EXPECT_TRUE(play.script_is_over());
  });
}

TEST(SmtpClient, ClosesWhenTheServerWantsDataForAMailThatItRefused) {
  const auto script =
      greeted({"PIPELINING"}, {{mail_line + rcpt("a@example.com") + "DATA\r\n", "451 no\r\n250 ok\r\n354 go\r\n"}});
  every_split(options(), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
    EXPECT_EQ(play.unanswered(), "");
    EXPECT_EQ(play.client.results()[0].reply.text(), "451 no");
    EXPECT_EQ(play.client.next(), Step::closed);
  });
}

TEST(SmtpClient, ARefusedSenderDecidesForAllAndLeavesTheConnectionClean) {
  const auto script =
      greeted({"PIPELINING"}, {{mail_line + rcpt("a@example.com") + "DATA\r\n", "550 5.7.1 no\r\n503 x\r\n503 x\r\n"},
                               {mail_line + rcpt("a@example.com") + "DATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"},
                               {body_sent, "250 ok\r\n"}});
  every_split(options(), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::permanent);
    EXPECT_EQ(play.client.results()[0].reply.text(), "550 5.7.1 no");
    ASSERT_EQ(play.client.next(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
  });
}

TEST(SmtpClient, ResetsWhatWasLeftOpenBeforeTheNextMessage) {
  for (const bool pipelining : {false, true}) {
    std::vector<Turn> turns;
    if (pipelining) {
      turns =
          greeted({"PIPELINING"}, {{mail_line + rcpt("a@example.com") + "DATA\r\n", "250 ok\r\n550 no\r\n554 no\r\n"},
                                   {"RSET\r\n" + mail_line + rcpt("b@example.com") + "DATA\r\n",
                                    "250 ok\r\n250 ok\r\n250 ok\r\n451 later\r\n"}});
    } else {
      turns = greeted({}, {{mail_line, "250 ok\r\n"},
                           {rcpt("a@example.com"), "550 no\r\n"},
                           {"RSET\r\n", "250 ok\r\n"},
                           {mail_line, "250 ok\r\n"},
                           {rcpt("b@example.com"), "250 ok\r\n"},
                           {"DATA\r\n", "451 later\r\n"}});
    }
    every_split(options(), turns, [](Play& play) {
      ASSERT_EQ(play.run(), Step::idle);
      ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
      ASSERT_EQ(play.client.next(), Step::idle);
      ASSERT_EQ(play.send(message({"b@example.com"})), Step::done);
      EXPECT_EQ(play.client.results()[0].outcome, Outcome::temporary);
      EXPECT_EQ(play.client.results()[0].reply.text(), "451 later");
      EXPECT_TRUE(play.script_is_over());
    });
  }
}

TEST(SmtpClient, ManyRecipientsGoInSeveralWrites) {
  std::vector<std::string> who;
  for (int i = 0; i < 250; ++i) who.push_back("u" + std::to_string(i) + "@example.com");
  std::string first = mail_line;
  std::string second;
  std::string third;
  for (std::size_t i = 0; i < who.size(); ++i) (i < 99 ? first : i < 199 ? second : third) += rcpt(who[i]);
  const auto oks = [](int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += "250 ok\r\n";
    return out;
  };
  Play play{options(), greeted({"PIPELINING"}, {{first, oks(100)},
                                                {second, oks(100)},
                                                {third + "DATA\r\n", oks(51) + "354 go\r\n"},
                                                {body_sent, "250 ok\r\n"}})};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message(who)), Step::done);
  for (const auto& result : play.client.results()) EXPECT_EQ(result.outcome, Outcome::delivered);
}

TEST(SmtpClient, UsesWhatWasOfferedAndNothingElse) {
  auto wanted = message({"a@example.com"});
  wanted.envelope.body_type = mail::BodyType::eight_bit;
  wanted.envelope.ret = mail::Ret::headers;
  wanted.envelope.envid = "QQ+2B";
  wanted.envelope.recipients[0].notify = {true, false, true, true, false};
  wanted.envelope.recipients[0].orcpt = "rfc822;a@example.com";
  {
    const auto envelope = std::string{"MAIL FROM:<from@example.org> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=QQ+2B\r\n"} +
                          "RCPT TO:<a@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@example.com\r\nDATA\r\n";
    Play play{options(), greeted({"pipelining", "SIZE", "8BITMIME", "DSN", "SMTPUTF8"},
                                 {{envelope, "250 ok\r\n250 ok\r\n354 go\r\n"}, {body_sent, "250 ok\r\n"}})};
    ASSERT_EQ(play.run(), Step::idle);
    EXPECT_TRUE(play.client.offers("PIPELINING"));
    ASSERT_EQ(play.send(wanted), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
  }
  {
    Play play{options(), greeted({}, {{mail_line, "250 ok\r\n"}, {rcpt("a@example.com"), "550 no\r\n"}})};
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(wanted), Step::done);
    EXPECT_TRUE(play.script_is_over());
  }
}

TEST(SmtpClient, TheNullSenderStaysNull) {
  Play play{options(), greeted({}, {{"MAIL FROM:<>\r\n", "250 ok\r\n"}, {rcpt("a@example.com"), "550 no\r\n"}})};
  auto bounce = message({"a@example.com"});
  bounce.envelope.sender.reset();
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(bounce), Step::done);
  EXPECT_TRUE(play.script_is_over());
}

TEST(SmtpClient, RefusesWithoutAskingWhatTheServerCannotTake) {
  Play play{options(), greeted({"SIZE 99"}, {})};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
  EXPECT_EQ(play.client.results()[0].outcome, Outcome::permanent);
  EXPECT_EQ(play.client.results()[0].reply.text(), "552 5.3.4 The next server takes at most 99 octets");
  ASSERT_EQ(play.client.next(), Step::idle);

  auto international = message({"a@example.com"}, 10);
  international.envelope.smtputf8 = true;
  ASSERT_EQ(play.send(international), Step::done);
  EXPECT_EQ(play.client.results()[0].reply.code, 553);
  EXPECT_EQ(play.client.results()[0].reply.enhanced, "5.6.7");
  ASSERT_EQ(play.client.next(), Step::idle);
  ASSERT_EQ(play.send(message({"us\xc3\xa9r@example.com"}, 10)), Step::done);
  EXPECT_EQ(play.client.results()[0].reply.code, 553);
  EXPECT_EQ(play.unanswered(), "");
}

TEST(SmtpClient, SaysSmtpUtf8OnlyForMailThatNeedsIt) {
  const auto envelope =
      std::string{"MAIL FROM:<from@example.org> SMTPUTF8\r\nRCPT TO:<us\xc3\xa9r@example.com>\r\nDATA\r\n"};
  Play play{options(), greeted({"PIPELINING", "SMTPUTF8"},
                               {{mail_line + rcpt("a@example.com") + "DATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"},
                                {body_sent, "250 ok\r\n"},
                                {envelope, "250 ok\r\n250 ok\r\n354 go\r\n"},
                                {body_sent, "250 ok\r\n"}})};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message({"a@example.com"})), Step::done);
  ASSERT_EQ(play.client.next(), Step::idle);
  ASSERT_EQ(play.send(message({"us\xc3\xa9r@example.com"})), Step::done);
  EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
}

TEST(SmtpClient, TooManyRecipientsIsForAnotherTime) {
  Play play{options(), greeted({}, {{mail_line, "250 ok\r\n"},
                                    {rcpt("a@example.com"), "552 too many recipients\r\n"},
                                    {rcpt("b@example.com"), "552 5.2.2 mailbox full\r\n"}})};
  ASSERT_EQ(play.run(), Step::idle);
  ASSERT_EQ(play.send(message({"a@example.com", "b@example.com"})), Step::done);
  EXPECT_EQ(play.client.results()[0].outcome, Outcome::temporary);
  EXPECT_EQ(play.client.results()[1].outcome, Outcome::permanent);
}

TEST(SmtpClient, LmtpAnswersForEachRecipient) {
  const auto envelope = mail_line + rcpt("a@example.com") + rcpt("b@example.com") + rcpt("c@example.com") + "DATA\r\n";
  const auto script = greeted({"PIPELINING"},
                              {{envelope, "250 ok\r\n250 ok\r\n550 5.1.1 who\r\n250 ok\r\n354 go\r\n"},
                               {body_sent, "250 2.0.0 a has it\r\n452 4.2.2 c is full\r\n"},
                               {mail_line + rcpt("d@example.com") + "DATA\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"},
                               {body_sent, "250 ok\r\n"}},
                              "LHLO gate.example.net\r\n");
  every_split(options(Protocol::lmtp), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com", "b@example.com", "c@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].reply.text(), "250 2.0.0 a has it");
    EXPECT_EQ(play.client.results()[1].outcome, Outcome::permanent);
    EXPECT_EQ(play.client.results()[2].reply.text(), "452 4.2.2 c is full");
    EXPECT_EQ(play.client.results()[2].outcome, Outcome::temporary);
    ASSERT_EQ(play.client.next(), Step::idle);
    ASSERT_EQ(play.send(message({"d@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
  });
}

TEST(SmtpClient, LmtpKeepsWhatWasAnsweredWhenTheConnectionBreaksAmongTheAnswers) {
  const auto script = greeted({"PIPELINING"},
                              {{mail_line + rcpt("a@example.com") + rcpt("b@example.com") + "DATA\r\n",
                                "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"},
                               {body_sent, "250 ok\r\n"}},
                              "LHLO gate.example.net\r\n");
  every_split(options(Protocol::lmtp), script, [](Play& play) {
    ASSERT_EQ(play.run(), Step::idle);
    ASSERT_EQ(play.send(message({"a@example.com", "b@example.com"})), Step::done);
    EXPECT_EQ(play.client.results()[0].outcome, Outcome::delivered);
    EXPECT_FALSE(play.client.results()[0].after_dot);
    EXPECT_EQ(play.client.results()[1].outcome, Outcome::temporary);
    EXPECT_TRUE(play.client.results()[1].after_dot);
    EXPECT_EQ(play.client.next(), Step::closed);
  });
}

TEST(SmtpClient, TellsEachWaitFromTheOthers) {
  Client client{options()};
  EXPECT_EQ(client.waiting(), Client::Waiting::greeting);
  client.receive("220 mx\r\n");
  client.take_output();
  EXPECT_EQ(client.waiting(), Client::Waiting::command);
  client.receive("250-mx\r\n250 PIPELINING\r\n");
  ASSERT_EQ(client.next(), Step::idle);
  client.send(message({"a@example.com"}));
  client.take_output();
  EXPECT_EQ(client.waiting(), Client::Waiting::command);
  client.receive("250 ok\r\n");
  EXPECT_EQ(client.waiting(), Client::Waiting::recipient);
  client.receive("250 ok\r\n");
  EXPECT_EQ(client.waiting(), Client::Waiting::data_start);
  client.receive("354 go\r\n");
  ASSERT_EQ(client.next(), Step::body);
  client.body_sent();
  EXPECT_EQ(client.waiting(), Client::Waiting::data_end);
}

}  // namespace
}  // namespace mailreeve::smtp
