// SPDX-License-Identifier: Apache-2.0
// A random walk through the protocol, judged by a second, much smaller account of RFC 5321's states.
#include <gtest/gtest.h>

#include <random>

#include "smtp/server_test_driver.h"

namespace mailreeve::smtp {
namespace {

using testing::Driver;

/// What the model remembers. It knows the order of commands and nothing of syntax: the walk says what is valid.
struct Model {
  bool tls = false;
  bool greeted = false;
  bool mail = false;
  bool nodata = false;  // the gateway of the test says 451 to DATA
  bool spam = false;    // and 550 at the end
  bool chunked = false;
  int recipients = 0;
  std::size_t octets = 0;
  std::size_t messages = 0;

  void forget() {
    mail = nodata = spam = chunked = false;
    recipients = 0;
    octets = 0;
  }
};

using Move = std::string (*)(Model&, std::string& send);

constexpr std::size_t limit = 200;  // octets of a message

std::string mail_move(Model& model, std::string& send, const char* local, const char* good) {
  send = fmt::format("MAIL FROM:<{}@b.example>\r\n", local);
  if (!model.greeted || model.mail) return "503 5.5.1";
  const std::string name{local};
  model.mail = !name.starts_with("unknown") && !name.starts_with("later");
  model.nodata = name == "nodata";
  model.spam = name == "spam";
  return good;
}

std::string rcpt_move(Model& model, std::string& send, const char* path, const char* good) {
  send = fmt::format("rcpt to:{}\r\n", path);
  if (!model.mail || model.chunked) return "503 5.5.1";
  if (std::string_view{good}.starts_with("250")) ++model.recipients;
  return good;
}

std::string finish(Model& model) {
  const bool spam = model.spam;
  model.forget();
  if (spam) return "550 5.7.1";
  ++model.messages;
  return "250 2.0.0";
}

/// DATA and, where it is answered 354, the text: the walk sends it after the reply.
std::string data_move(Model& model, std::string& send) {
  send = "DATA\r\n";
  if (!model.mail || model.chunked) return "503 5.5.1";
  if (model.recipients == 0) return "554 5.5.1";
  if (!model.nodata) return "354";
  model.forget();
  return "451 4.3.0";
}

std::string bdat_move(Model& model, std::string& send, std::size_t octets, bool last) {
  // Chunks that look like commands: they must never be taken for some.
  const std::string chunk = std::string{"QUIT\r\nRSET\r\nMAIL FROM:<>\r\nx\r\n\r\n.\r\n"}.substr(0, 12) +
                            std::string(octets < 12 ? 0 : octets - 12, 'y');
  send = fmt::format("BDAT {}{}\r\n{}", octets, last ? " LAST" : "", chunk.substr(0, octets));
  if (!model.mail) return "503 5.5.1";
  if (model.recipients == 0) return "554 5.5.1";
  if (model.octets + octets > limit) {
    model.forget();
    return "552 5.3.4";
  }
  if (model.nodata) {
    model.forget();
    return "451 4.3.0";
  }
  model.chunked = true;
  model.octets += octets;
  return last ? finish(model) : "250 2.0.0";
}

constexpr Move moves[] = {
    [](Model& m, std::string& s) { return s = "EHLO x.example\r\n", m.forget(), m.greeted = true, std::string{"250"}; },
    [](Model& m, std::string& s) { return s = "helo x\r\n", m.forget(), m.greeted = true, std::string{"250"}; },
    [](Model&, std::string& s) { return s = "EHLO\r\n", std::string{"501 5.5.4"}; },
    [](Model& m, std::string& s) { return mail_move(m, s, "a", "250 2.1.0"); },
    [](Model& m, std::string& s) { return mail_move(m, s, "a.b+c", "250 2.1.0"); },
    [](Model& m, std::string& s) { return mail_move(m, s, "spam", "250 2.1.0"); },
    [](Model& m, std::string& s) { return mail_move(m, s, "nodata", "250 2.1.0"); },
    [](Model& m, std::string& s) { return mail_move(m, s, "unknown", "550 5.1.1"); },
    [](Model& m, std::string& s) { return mail_move(m, s, "later", "450 4.2.0"); },
    [](Model& m, std::string& s) {
      return s = "MAIL FROM:<a@b.example> SIZE=201\r\n", std::string{!m.greeted || m.mail ? "503 5.5.1" : "552 5.3.4"};
    },
    [](Model& m, std::string& s) {
      return s = "MAIL FROM:<a..b@b.example>\r\n", std::string{!m.greeted || m.mail ? "503 5.5.1" : "553 5.1.7"};
    },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "<c@d.example>", "250 2.1.5"); },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "<\"c d\"@[192.0.2.1]> NOTIFY=NEVER", "250 2.1.5"); },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "<Postmaster>", "250 2.1.5"); },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "<unknown@d.example>", "550 5.1.1"); },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "<later@d.example>", "450 4.2.0"); },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "<c@d.example> NOTIFY=", "501 5.5.4"); },
    [](Model& m, std::string& s) { return rcpt_move(m, s, "c@d.example", "501 5.5.2"); },
    data_move,
    data_move,
    [](Model& m, std::string& s) { return bdat_move(m, s, 0, false); },
    [](Model& m, std::string& s) { return bdat_move(m, s, 6, false); },
    [](Model& m, std::string& s) { return bdat_move(m, s, 150, false); },
    [](Model& m, std::string& s) { return bdat_move(m, s, 250, false); },
    [](Model& m, std::string& s) { return bdat_move(m, s, 0, true); },
    [](Model& m, std::string& s) { return bdat_move(m, s, 40, true); },
    [](Model& m, std::string& s) {
      return s = "BDAT 5 FIRST\r\n", m.chunked ? m.forget() : void(), std::string{"501 5.5.4"};
    },
    [](Model& m, std::string& s) { return s = "RSET\r\n", m.forget(), std::string{"250 2.0.0"}; },
    [](Model&, std::string& s) { return s = "NOOP x\r\n", std::string{"250 2.0.0"}; },
    [](Model&, std::string& s) { return s = "VRFY c\r\n", std::string{"252 2.5.0"}; },
    [](Model&, std::string& s) { return s = "EXPN c\r\n", std::string{"502 5.5.1"}; },
    [](Model&, std::string& s) { return s = "HELP\r\n", std::string{"214 2.0.0"}; },
    [](Model&, std::string& s) { return s = "AUTH PLAIN\r\n", std::string{"502 5.5.1"}; },
    [](Model&, std::string& s) { return s = "MAILFROM:<a@b.example>\r\n", std::string{"500 5.5.1"}; },
    [](Model&, std::string& s) { return s = "NOOP \xc3\xa9\r\n", std::string{"501 5.5.2"}; },
    [](Model&, std::string& s) { return s = "NOOP " + std::string(150, 'n') + "\r\n", std::string{"500 5.5.2"}; },
    [](Model& m, std::string& s) {
      s = "STARTTLS\r\n";
      if (m.tls) return std::string{"503 5.5.1"};
      m = {.tls = true, .messages = m.messages};
      return std::string{"220 2.0.0"};
    },
};

struct Text {
  const char* bytes;
  bool fits;
};
const std::string long_line(210, 'z');
const std::string just_too_long = long_line.substr(0, 199) + "\r\n.\r\n";
const std::string just_fits = ".." + long_line.substr(0, 197) + "\r\n.\r\n";
const Text texts[] = {
    {".\r\n", true},
    {"x\r\n.\r\n", true},
    {"..\r\nQUIT\r\n..\r\n.\r\n", true},
    {"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n.\r\n", true},
    {just_fits.c_str(), true},
    {just_too_long.c_str(), false},
};

TEST(ServerWalk, AgreesWithTheModelForAMillionCommands) {
  auto options = testing::test_options();
  options.limits.message_size = limit;
  options.limits.command_line = 128;
  options.limits.errors = options.limits.idle_commands = 1'000'000;
  options.limits.transactions = options.limits.recipients = 1'000'000;
  std::mt19937 random{5321};
  const auto below = [&](std::size_t count) { return random() % count; };
  std::size_t commands = 0;
  std::size_t accepted = 0;
  while (commands < 1'000'000) {
    Driver driver{options};
    Model model;
    std::string trail;
    for (int step = 0; step < 500; ++step, ++commands) {
      std::string send;
      // Most walks would never come as far as a message: half of the steps take the next sensible one.
      const bool sensible = below(2) == 0;
      const auto pick = !sensible               ? below(std::size(moves))
                        : !model.greeted        ? 0UL
                        : !model.mail           ? 3UL + below(4)
                        : model.recipients == 0 ? 11UL
                                                : 18UL + below(8);
      const auto expected = moves[pick](model, send);
      trail += send;
      ASSERT_EQ(driver.codes(send), expected) << trail;
      if (expected == "354") {
        const auto& text = texts[below(std::size(texts))];
        const std::string bytes{text.bytes};
        std::string answer = "552 5.3.4";
        if (text.fits) {
          answer = finish(model);
        } else {
          model.forget();
        }
        trail += bytes;
        const auto cut = below(bytes.size() + 1);
        driver.give(bytes.substr(0, cut));
        ASSERT_EQ(driver.codes(bytes.substr(cut)), answer) << trail;
      }
      ASSERT_EQ(driver.server.in_transaction(), model.mail) << trail;
    }
    ASSERT_EQ(driver.messages.size(), model.messages);
    ASSERT_EQ(driver.closed, "");
    accepted += model.messages;
  }
  EXPECT_GT(accepted, 10'000U);  // the walk did reach the interesting places
}

}  // namespace
}  // namespace mailreeve::smtp
