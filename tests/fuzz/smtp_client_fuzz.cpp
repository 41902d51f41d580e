// SPDX-License-Identifier: Apache-2.0
// Whatever a server says: no crash, one result a recipient, no false delivery, nothing but whole command lines out.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtp/client.h"

namespace {

using mailreeve::smtp::Client;
using Step = Client::Step;
using Outcome = mailreeve::smtp::RecipientResult::Outcome;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_output(std::string_view output) {
  require(output.ends_with("\r\n"));
  for (std::size_t i = 0; i < output.size(); ++i) {
    const char c = output[i];
    if (c == '\n') require(i > 0 && output[i - 1] == '\r');
    if (c == '\r') require(i + 1 < output.size() && output[i + 1] == '\n');
  }
}

/// Takes pieces off the front of the server's octets: a length octet, then so many octets.
std::string_view next_piece(std::string_view& input) {
  if (input.empty()) return {};
  const auto size = static_cast<std::size_t>(static_cast<unsigned char>(input.front())) + 1;
  input.remove_prefix(1);
  const auto piece = input.substr(0, size);
  input.remove_prefix(piece.size());
  return piece;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto choice = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);

  mailreeve::smtp::ClientOptions options;
  options.protocol = (choice & 1) != 0 ? mailreeve::smtp::Protocol::lmtp : mailreeve::smtp::Protocol::smtp;
  options.host_name = "gate.example.net";
  options.starttls = static_cast<mailreeve::smtp::StartTls>((choice >> 1) % 3);
  options.reply_limit = 2048;
  const std::size_t recipients = (choice >> 3) % 5;
  Client client{options};
  int messages = 0;
  int steps = 0;
  bool body_sent = false;
  while (true) {
    require(++steps < 100'000);
    const auto step = client.next();
    if (step == Step::closed) break;
    if (step == Step::write) {
      check_output(client.take_output());
    } else if (step == Step::read) {
      static_cast<void>(client.waiting());
      const auto piece = next_piece(input);
      if (piece.empty()) {
        client.fail("closed");
      } else {
        client.receive(piece);
      }
    } else if (step == Step::body) {
      body_sent = true;
      client.body_sent();
    } else if (step == Step::start_tls) {
      client.tls_started();
    } else if (step == Step::idle) {
      require(client.was_ready());
      if (messages++ == 3) {
        client.quit();
        continue;
      }
      mailreeve::smtp::Outgoing outgoing;
      outgoing.size = 1000;
      outgoing.envelope.smtputf8 = messages == 2;
      for (std::size_t i = 0; i < recipients; ++i) {
        outgoing.envelope.recipients.push_back({*mailreeve::mail::Mailbox::parse("a@example.org"), {}, {}});
      }
      body_sent = false;
      client.send(std::move(outgoing));
    } else if (step == Step::done) {
      require(client.results().size() == recipients);
      for (const auto& result : client.results()) {
        require(!result.reply.lines.empty());
        require((result.outcome == Outcome::delivered) == result.reply.is_positive());
        require(result.outcome != Outcome::delivered || body_sent);
        require(!result.after_dot || (body_sent && result.outcome == Outcome::temporary));
        for (const auto& line : result.reply.lines) {
          for (const char c : line) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
        }
      }
    }
  }
  return 0;
}
