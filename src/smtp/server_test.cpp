// SPDX-License-Identifier: Apache-2.0
#include "smtp/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/server_test_driver.h"

namespace mailreeve::smtp {
namespace {

using testing::codes_of;
using ::testing::Contains;
using testing::Driver;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::test_options;

struct Exchange {
  std::string send;
  std::string codes;
};
struct Dialogue {
  std::string name;
  std::vector<Exchange> exchanges;
  std::string closed = {};
  std::vector<std::string> messages = {};
};

const std::string envelope = "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";
const std::string envelope_codes = "250, 250 2.1.0, 250 2.1.5";

const std::vector<Dialogue>& dialogues() {
  static const std::string nul(1, '\0');
  static const std::vector<Dialogue> all{
      {"one message",
       {{envelope, envelope_codes},
        {"DATA\r\n", "354"},
        {"Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n", "250 2.0.0, 221 2.0.0"}},
       "quit",
       {"Subject: x\r\n\r\nbody\r\n"}},
      {"dots",
       {{envelope, envelope_codes}, {"DATA\r\n", "354"}, {"..\r\n...\r\n.x\r\na.\r\n.\r\n", "250 2.0.0"}},
       "",
       {".\r\n..\r\nx\r\na.\r\n"}},
      {"empty message", {{envelope, envelope_codes}, {"DATA\r\n", "354"}, {".\r\n", "250 2.0.0"}}, "", {""}},
      {"two messages in a session",
       {{envelope, envelope_codes},
        {"DATA\r\n", "354"},
        {"1\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\n", "250 2.0.0, 250 2.1.0, 250 2.1.5"},
        {"DATA\r\n", "354"},
        {"2\r\n.\r\n", "250 2.0.0"}},
       "",
       {"1\r\n", "2\r\n"}},
      {"chunks",
       {{envelope + "BDAT 3\r\na\r\nBDAT 4 LAST\r\nb.\r\n", envelope_codes + ", 250 2.0.0, 250 2.0.0"}},
       "",
       {"a\r\nb.\r\n"}},
      {"a CRLF over two chunks, a dot line, no last CRLF",
       {{envelope + "BDAT 2\r\na\rBDAT 4\r\n\n.\r\nBDAT 1 LAST\r\nz",
         envelope_codes + ", 250 2.0.0, 250 2.0.0, 250 2.0.0"}},
       "",
       {"a\r\n.\r\nz"}},
      {"BDAT 0 LAST", {{envelope + "BDAT 0 LAST\r\n", envelope_codes + ", 250 2.0.0"}}, "", {""}},
      {"a chunk is read even when refused", {{"EHLO x\r\nBDAT 6\r\nQUIT\r\nNOOP\r\n", "250, 503 5.5.1, 250 2.0.0"}}},
      {"a refused message's later chunks are read too",
       {{"EHLO x\r\nMAIL FROM:<nodata@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 3\r\na\r\nBDAT 6 "
         "LAST\r\nQUIT\r\nNOOP\r\n",
         "250, 250 2.1.0, 250 2.1.5, 451 4.3.0, 503 5.5.1, 250 2.0.0"}}},
      {"BDAT syntax",
       {{envelope, envelope_codes},
        {"BDAT\r\nBDAT x\r\nBDAT -1\r\nBDAT 0x10\r\nBDAT 1 FIRST\r\nBDAT 1LAST\r\nBDAT 99999999999999999999999\r\n",
         "501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4"},
        {"RSET\r\n", "250 2.0.0"},
        {"DATA\r\n", "503 5.5.1"}}},
      {"an enormous chunk",
       {{envelope, envelope_codes}, {"BDAT 18446744073709551615 LAST\r\n", "552 5.3.4"}},
       "chunk far too big"},
      {"DATA after BDAT",
       {{envelope + "BDAT 2\r\n\r\n", envelope_codes + ", 250 2.0.0"},
        {"DATA\r\n", "503 5.5.1"},
        {"RCPT TO:<x@d.example>\r\nRSET\r\n", "503 5.5.1, 250 2.0.0"}}},
      {"wrong order",
       {{"MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\n", "503 5.5.1, 503 5.5.1"},
        {"DATA\r\n", "503 5.5.1"},
        {"EHLO x\r\nRCPT TO:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\n",
         "250, 503 5.5.1, 250 2.1.0, 503 5.5.1"},
        {"RCPT TO:<unknown@d.example>\r\n", "550 5.1.1"},
        {"DATA\r\n", "554 5.5.1"}}},
      {"a refused message ends the transaction",  // Postfix 2.2 to 2026-08-03
       {{"EHLO x\r\nMAIL FROM:<spam@b.example>\r\nRCPT TO:<c@d.example>\r\n", "250, 250 2.1.0, 250 2.1.5"},
        {"DATA\r\n", "354"},
        {"x\r\n.\r\nRCPT TO:<c@d.example>\r\n", "550 5.7.1, 503 5.5.1"},
        {"DATA\r\n", "503 5.5.1"}}},
      {"EHLO and RSET forget the transaction",
       {{envelope + "RSET\r\nRCPT TO:<c@d.example>\r\n" + envelope + "HELO y\r\nRCPT TO:<c@d.example>\r\n",
         envelope_codes + ", 250 2.0.0, 503 5.5.1, " + envelope_codes + ", 250, 503 5.5.1"}}},
      {"small commands",
       {{"NOOP\r\nnoop hello\r\nHELP\r\nVRFY\r\nVRFY a\r\nEXPN a\r\nLHLO x\r\nAUTH PLAIN\r\nXCLIENT a=b\r\nFOO\r\n\r\n",
         "250 2.0.0, 250 2.0.0, 214 2.0.0, 501 5.5.2, 252 2.5.0, 502 5.5.1, 502 5.5.1, 502 5.5.1, 502 5.5.1, 500 "
         "5.5.1, 500 5.5.2"},
        {"RSET x\r\nQUIT x\r\nSTARTTLS x\r\n", "501 5.5.4, 501 5.5.4, 501 5.5.4"},
        {"DATA x\r\n", "501 5.5.4"}}},
      {"EHLO names",
       {{"EHLO\r\nHELO \r\nEHLO a b\r\nEHLO [192.0.2.1]\r\nEHLO odd_name!\r\nEHLO a\x01\r\n",
         "501 5.5.4, 501 5.5.4, 501 5.5.4, 250, 250, 501 5.5.4"}}},
      {"parameters of MAIL",
       {{"EHLO x\r\n", "250"},
        {"MAIL FROM:<a@b.example> SIZE=99999999999\r\nMAIL FROM:<> SIZE=18446744073709551616\r\nMAIL FROM:<> SIZE=\r\n",
         "552 5.3.4, 552 5.3.4, 501 5.5.4"},
        {"MAIL FROM:<> FOO=1\r\nMAIL FROM:<> AUTH=<>\r\nMAIL FROM:<a@b.example> AUTH=<x\"\r\n",
         "555 5.5.4, 555 5.5.4, 555 5.5.4"},
        {"MAIL FROM:<> RET=FULL RET=FULL\r\nMAIL FROM:<> ENVID=a+0Ab\r\nMAIL FROM:<> ENVID=a+00\r\nMAIL FROM:<> "
         "BODY=BINARYMIME\r\n",
         "501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4"},
        {"mail from: <a@b.example> size=5 body=8bitmime ret=hdrs envid=x+20y smtputf8\r\n", "250 2.1.0"}}},
      {"parameters of RCPT",
       {{"EHLO x\r\nMAIL FROM:<>\r\n", "250, 250 2.1.0"},
        {"RCPT TO:<a@b.example> NOTIFY=NEVER,DELAY\r\nRCPT TO:<a@b.example> ORCPT=rfc822;a+0D+0Ab\r\nRCPT "
         "TO:<a@b.example> ORCPT=a\r\n",
         "501 5.5.4, 501 5.5.4, 501 5.5.4"},
        {"RCPT TO:<a@b.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+40b\r\n", "250 2.1.5"}}},
      {"addresses",
       {{"EHLO x\r\nMAIL FROM:a@b.example\r\nMAIL FROM:<a>\r\nMAIL FROM:<postmaster>\r\nMAIL FROM:<a@b.example\r\n",
         "250, 501 5.5.2, 553 5.1.7, 553 5.1.7, 501 5.5.2"},
        {"MAIL FROM:<@r.example,@s.example:a@b.example>\r\n", "250 2.1.0"},
        {"RCPT TO:<>\r\nRCPT TO:<a b@c.example>\r\nRCPT TO:<PostMaster>\r\nRCPT TO:<;sh;exit 0;>\r\n",
         "553 5.1.3, 553 5.1.3, 250 2.1.5, 553 5.1.3"},
        {"RCPT TO:<\"a>b\"@c.example>\r\nRCPT TO:<a@b.example>x\r\n", "250 2.1.5, 501 5.5.2"}}},
      {"octets above 127",
       {{"EHLO x\r\nNOOP \xc3\xa9\r\nVRFY \xc3\xa9\r\nVRFY \xff\r\n\xff\xfe\r\n",
         "250, 501 5.5.2, 252 2.5.0, 501 5.5.2, 501 5.5.2"},
        {"MAIL FROM:<\xc3\xa9@b.example>\r\nMAIL FROM:<\xc0\xaf@b.example> SMTPUTF8\r\n", "553 5.6.7, 501 5.5.2"},
        {"MAIL FROM:<\xc3\xa9@b.example> SMTPUTF8\r\nRCPT TO:<\xc3\xa9@b.example>\r\n", "250 2.1.0, 250 2.1.5"},
        {"RCPT TO:<a\xe2\x80\xa8@b.example>\r\n", "501 5.5.2"}}},
      {"NUL in a command", {{"NO" + nul + "OP\r\nEHLO " + nul + "\r\nNOOP\r\n", "501 5.5.2, 501 5.5.2, 250 2.0.0"}}},
      {"bare LF in a command", {{"EHLO x\nNOOP\r\n", "550 5.5.2"}}, "smuggling"},
      {"bare CR in a command", {{"EHLO x\rNOOP\r\n", "550 5.5.2"}}, "smuggling"},
      {"bare LF in the data",
       {{envelope, envelope_codes}, {"DATA\r\n", "354"}, {"a\r\n.\nMAIL FROM:<>\r\n", "550 5.5.2"}},
       "smuggling"},
      {"bare CR in the data",
       {{envelope, envelope_codes}, {"DATA\r\n", "354"}, {"a\r\n.\rMAIL FROM:<>\r\n", "550 5.5.2"}},
       "smuggling"},
      {"NUL in the data",
       {{envelope, envelope_codes}, {"DATA\r\n", "354"}, {"a" + nul + "\r\n.\r\n", "550 5.5.2"}},
       "smuggling"},
      {"NUL after the data is not in the data",
       {{envelope, envelope_codes}, {"DATA\r\n", "354"}, {"a\r\n.\r\nNOOP" + nul + "\r\n", "250 2.0.0, 501 5.5.2"}},
       "",
       {"a\r\n"}},
      {"bare LF in a chunk", {{envelope + "BDAT 3 LAST\r\na\nb", envelope_codes + ", 550 5.5.2"}}, "smuggling"},
      {"a chunk that ends in CR", {{envelope + "BDAT 2 LAST\r\na\r", envelope_codes + ", 550 5.5.2"}}, "smuggling"},
      {"a browser", {{"GET / HTTP/1.1\r\nHost: x\r\n", "554 5.5.1"}}, "not SMTP"},
      {"a TLS client", {{"\x16\x03\x01", "554 5.5.1"}}, "not SMTP"},
      {"an SSH client", {{"SSH-2.0-x\r\n", "554 5.5.1"}}, "not SMTP"},
      {"a long line", {{"NOOP " + std::string(3000, 'x') + "\r\nNOOP\r\n", "500 5.5.2, 250 2.0.0"}}},
      {"a very long line", {{std::string(17000, 'x'), "500 5.5.2, 421 4.7.0"}}, "overlong"},
      {"the longest line", {{"NOOP " + std::string(2041, 'x') + "\r\n", "250 2.0.0"}}},
      {"one octet too long", {{"NOOP " + std::string(2042, 'x') + "\r\n", "500 5.5.2"}}},
  };
  return all;
}

/// Everything a peer or the gateway can see of a session.
std::string seen(const Driver& driver, const std::string& codes) {
  std::string all = codes;
  for (const auto& line : driver.log) all += "\n" + line;
  for (const auto& message : driver.messages) all += "\nmessage " + message;
  return all;
}

TEST(Server, AnswersDialogues) {
  for (const auto& dialogue : dialogues()) {
    SCOPED_TRACE(dialogue.name);
    Driver driver{test_options()};
    for (const auto& exchange : dialogue.exchanges)
      EXPECT_EQ(driver.codes(exchange.send), exchange.codes) << exchange.send;
    EXPECT_EQ(driver.closed, dialogue.closed);
    EXPECT_EQ(driver.messages, dialogue.messages);
  }
}

TEST(Server, DoesTheSameHoweverTheBytesAreSplit) {
  for (const auto& dialogue : dialogues()) {
    SCOPED_TRACE(dialogue.name);
    for (std::size_t step = 0; step < dialogue.exchanges.size(); ++step) {
      const auto& send = dialogue.exchanges[step].send;
      const std::size_t points = send.size();
      std::string whole;
      // cut 0: in one piece; cut n: two pieces; the last: octet by octet.
      for (std::size_t cut = 0; cut <= points; cut += send.size() > 4000 ? 97 : 1) {
        Driver driver{test_options()};
        for (std::size_t before = 0; before < step; ++before) driver.codes(dialogue.exchanges[before].send);
        if (cut < points) {
          driver.give(send.substr(0, cut));
          driver.give(send.substr(cut));
        } else {
          for (const char c : send) driver.give({&c, 1});
        }
        const auto result = seen(driver, codes_of(driver.take()));
        if (cut == 0) whole = result;
        ASSERT_EQ(result, whole) << "cut at " << cut;
      }
    }
  }
}

TEST(Server, ListsItsExtensions) {
  Driver driver{test_options()};
  driver.give("EHLO x\r\n");
  EXPECT_EQ(
      driver.take(),
      "250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n"
      "250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250-STARTTLS\r\n250-LIMITS MAILMAX=10000 RCPTMAX=1000\r\n250 HELP\r\n");
  driver.give("HELO x\r\n");
  EXPECT_EQ(driver.take(), "250 mx.example.org\r\n");
}

TEST(Server, GivesTheEnvelopeAsItWasSaid) {
  Driver driver{test_options()};
  driver.give("EHLO x\r\nMAIL FROM:<A@B.example> BODY=8BITMIME RET=HDRS ENVID=q+2B\r\n");
  driver.give("RCPT TO:<\"c d\"@E.example> NOTIFY=DELAY ORCPT=rfc822;c+20d@e.example\r\nRCPT TO:<postmaster>\r\n");
  const auto& given = driver.server.envelope();
  EXPECT_EQ(given.sender->text(), "A@b.example");
  EXPECT_EQ(given.body_type, mail::BodyType::eight_bit);
  EXPECT_EQ(given.ret, mail::Ret::headers);
  EXPECT_EQ(given.envid, "q+2B");
  ASSERT_EQ(given.recipients.size(), 2U);
  EXPECT_EQ(given.recipients[0].address.text(), "\"c d\"@e.example");
  EXPECT_TRUE(given.recipients[0].notify.delay);
  EXPECT_EQ(given.recipients[0].orcpt, "rfc822;c+20d@e.example");
  EXPECT_EQ(given.recipients[1].address.text(), "postmaster@mx.example.org");
}

TEST(Server, HoldsTheSizeLimitToTheOctet) {
  auto options = test_options();
  options.limits.message_size = 1000;
  for (const std::size_t size : {999UL, 1000UL, 1001UL, 4000UL}) {
    const std::string line = "." + std::string(size - 3, 'x') + "\r\n";
    const bool fits = size <= 1000;
    Driver by_data{options};
    by_data.codes(envelope);
    by_data.codes("DATA\r\n");
    EXPECT_EQ(by_data.codes("." + line + ".\r\nNOOP\r\n"), fits ? "250 2.0.0, 250 2.0.0" : "552 5.3.4, 250 2.0.0")
        << size;
    EXPECT_EQ(by_data.messages.size(), fits ? 1U : 0U);
    EXPECT_FALSE(by_data.server.in_transaction());
    if (size > 2000) continue;
    Driver by_bdat{options};
    by_bdat.codes(envelope);
    const auto half = size / 2;
    const auto chunks = fmt::format("BDAT {}\r\n{}BDAT {} LAST\r\n{}NOOP\r\n", half, line.substr(0, half), size - half,
                                    line.substr(half));
    EXPECT_EQ(by_bdat.codes(chunks), fits ? "250 2.0.0, 250 2.0.0, 250 2.0.0" : "250 2.0.0, 552 5.3.4, 250 2.0.0");
    EXPECT_EQ(by_bdat.messages.size(), fits ? 1U : 0U);
  }
}

TEST(Server, DoesNotDiscardForEver) {
  auto options = test_options();
  options.limits.message_size = 1000;
  Driver driver{options};
  driver.codes(envelope);
  driver.codes("DATA\r\n");
  std::string codes;
  for (int i = 0; i < 100 && driver.closed.empty(); ++i) codes += driver.codes(std::string(98, 'x') + "\r\n");
  EXPECT_EQ(codes, "552 5.3.4");
  EXPECT_EQ(driver.closed, "message far too big");
  EXPECT_LE(driver.body.size(), 1000U);
  EXPECT_THAT(driver.log, Contains("aborted 552"));
}

TEST(Server, RefusesDataThatDidNotWaitFor354) {
  Driver driver{test_options()};
  EXPECT_EQ(driver.codes(envelope + "DATA\r\nSubject: x\r\n\r\n.\r\n"), envelope_codes + ", 554 5.5.0");
  EXPECT_EQ(driver.closed, "pipelining");
  EXPECT_TRUE(driver.messages.empty());

  Driver refused{test_options()};  // nor are the lines of a message for which nobody waited commands
  EXPECT_EQ(refused.codes("EHLO x\r\nDATA\r\nMAIL FROM:<a@b.example>\r\n"), "250, 503 5.5.1");
  EXPECT_EQ(refused.closed, "pipelining");
}

TEST(Server, StartTlsForgetsEverythingSaidInClear) {
  Driver driver{test_options()};
  EXPECT_EQ(driver.codes(envelope + "STARTTLS\r\n"), envelope_codes + ", 220 2.0.0");
  EXPECT_THAT(driver.log, Contains("starttls"));
  EXPECT_TRUE(driver.server.tls());
  EXPECT_EQ(driver.server.helo(), "");
  EXPECT_EQ(driver.codes("RCPT TO:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\n"), "503 5.5.1, 503 5.5.1");
  driver.give("EHLO x\r\n");
  EXPECT_THAT(driver.take(), Not(HasSubstr("STARTTLS")));
  EXPECT_EQ(driver.codes("STARTTLS\r\n"), "503 5.5.1");
}

TEST(Server, ClosesOnInputInjectedBeforeTls) {
  Driver glued{test_options()};
  EXPECT_EQ(glued.codes("STARTTLS\r\nMAIL FROM:<a@b.example>\r\n"), "");
  EXPECT_EQ(glued.closed, "starttls injection");

  Driver late{test_options()};
  late.hold_tls = true;
  EXPECT_EQ(late.codes("STARTTLS\r\n"), "220 2.0.0");
  late.give("EHLO x\r\n");
  late.server.tls_started();
  EXPECT_EQ(late.codes(""), "");
  EXPECT_EQ(late.closed, "starttls injection");
}

TEST(Server, AsksForTlsWhereItMust) {
  auto options = test_options();
  options.require_tls = true;
  Driver driver{options};
  EXPECT_EQ(driver.codes(
                "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nVRFY a\r\nBDAT 6\r\nQUIT\r\nNOOP\r\n"),
            "250, 530 5.7.0, 530 5.7.0, 530 5.7.0, 530 5.7.0, 250 2.0.0");
  EXPECT_EQ(driver.codes("STARTTLS\r\n"), "220 2.0.0");
  EXPECT_EQ(driver.codes("EHLO x\r\nMAIL FROM:<a@b.example>\r\n"), "250, 250 2.1.0");
  auto without = test_options();
  without.offer_starttls = false;
  Driver plain{without};
  EXPECT_EQ(plain.codes("STARTTLS\r\n"), "502 5.5.1");
}

TEST(Server, EndsSessionsThatMoveNoMail) {
  Driver errors{test_options()};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(errors.codes("FOO\r\n"), "500 5.5.1");
  EXPECT_EQ(errors.codes("FOO\r\n"), "500 5.5.1, 421 4.7.0");
  EXPECT_EQ(errors.closed, "errors");

  Driver idle{test_options()};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(idle.codes("NOOP\r\n"), "250 2.0.0");
  EXPECT_EQ(idle.codes("RSET\r\n"), "421 4.7.0");
  EXPECT_EQ(idle.closed, "idle commands");

  auto options = test_options();
  options.limits.transactions = 2;
  Driver many{options};
  many.codes("EHLO x\r\n");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(many.codes("MAIL FROM:<later@b.example>\r\n"), "450 4.2.0");
  EXPECT_EQ(many.codes("MAIL FROM:<a@b.example>\r\n"), "421 4.7.0");
}

TEST(Server, BoundsRecipientsAndChunks) {
  auto options = test_options();
  options.limits.recipients = 3;
  Driver recipients{options};
  recipients.codes("EHLO x\r\nMAIL FROM:<>\r\n");
  for (const auto* codes : {"250 2.1.5", "250 2.1.5", "250 2.1.5", "452 4.5.3", "452 4.5.3", "452 4.5.3", "421 4.7.0"})
    EXPECT_EQ(recipients.codes("RCPT TO:<a@b.example>\r\n"), codes);
  EXPECT_EQ(recipients.closed, "recipients");

  options.limits.bdat_chunks = 5;
  Driver chunks{options};
  chunks.codes(envelope);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(chunks.codes("BDAT 1\r\nx"), "250 2.0.0");
  EXPECT_EQ(chunks.codes("BDAT 1\r\nx"), "421 4.7.0");
}

TEST(Server, TellsWhenATransactionEnds) {
  Driver driver{test_options()};
  driver.give(envelope + "RSET\r\n" + envelope + "EHLO y\r\n" + envelope + "QUIT\r\nNOOP\r\n");
  EXPECT_THAT(driver.log,
              ElementsAre("hello c.example", "mail a@b.example", "rcpt c@d.example", "aborted 250", "hello c.example",
                          "mail a@b.example", "rcpt c@d.example", "aborted 250", "hello y", "hello c.example",
                          "mail a@b.example", "rcpt c@d.example", "aborted 221", "close quit"));
}

TEST(Server, StaysClosed) {
  Driver driver{test_options()};
  EXPECT_EQ(driver.codes("QUIT\r\nQUIT\r\n"), "221 2.0.0");
  driver.server.receive("NOOP\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::holds_alternative<event::Close>(driver.server.next()));
  driver.server.refuse(Reply{421, "4.4.2", "late"});
  EXPECT_FALSE(driver.server.has_output());

  Server refused{test_options()};
  refused.refuse(replies::too_many_connections("mx.example.org"));
  EXPECT_EQ(codes_of(refused.take_output()), "421 4.7.0");
  EXPECT_TRUE(std::holds_alternative<event::Close>(refused.next()));
}

TEST(Server, BodyIsNotCopied) {
  Server server{test_options()};
  server.receive(envelope);
  while (true) {
    const auto event = server.next();
    if (std::holds_alternative<event::NeedInput>(event)) break;
    if (!std::holds_alternative<event::Hello>(event)) server.answer({250, "2.0.0", "ok"});
  }
  server.receive("DATA\r\n");
  ASSERT_TRUE(std::holds_alternative<event::Data>(server.next()));
  server.answer({354, "", "go"});
  const std::string input = "one\r\ntwo\r\nthree\r\n..four\r\n";
  server.receive(input);
  const auto first = server.next();
  EXPECT_EQ(std::get<event::Body>(first).bytes, "one\r\ntwo\r\nthree\r\n");
  EXPECT_EQ(std::get<event::Body>(first).bytes.data(), input.data());
  EXPECT_EQ(std::get<event::Body>(server.next()).bytes, ".four\r\n");
}

TEST(Server, AnIdleSessionIsSmall) { EXPECT_LT(sizeof(Server), 1024U); }

}  // namespace
}  // namespace mailreeve::smtp
