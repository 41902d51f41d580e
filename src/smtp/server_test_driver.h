// SPDX-License-Identifier: Apache-2.0
// For tests: a gateway of a few lines that answers by what the addresses say, and writes down what happened.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "smtp/server.h"

namespace mailreeve::smtp::testing {

/// The final lines of replies as "250 2.1.0, 550 5.1.1": the wording may change, the codes may not.
inline std::string codes_of(std::string_view output) {
  std::string codes;
  while (!output.empty()) {
    const auto line = output.substr(0, output.find("\r\n"));
    output.remove_prefix(std::min(line.size() + 2, output.size()));
    if (line.size() < 4 || line[3] != ' ') continue;
    const auto enhanced = line.substr(4, line.find(' ', 4) - 4);
    const bool has_enhanced = enhanced.size() >= 5 && enhanced[1] == '.';
    if (!codes.empty()) codes += ", ";
    codes += std::string{line.substr(0, 3)} + (has_enhanced ? " " + std::string{enhanced} : "");
  }
  return codes;
}

class Driver {
 public:
  explicit Driver(ServerOptions options) : server{std::move(options)} {
    server.greet();
    pump();
    take();
  }

  /// Gives the bytes in one piece and answers all that comes of it.
  void give(std::string_view bytes) {
    // A copy of exactly this size, so that a sanitizer sees any use after the call.
    const std::vector<char> piece(bytes.begin(), bytes.end());
    server.receive({piece.data(), piece.size()});
    pump();
  }
  std::string take() { return server.take_output(); }
  std::string codes(std::string_view bytes) {
    give(bytes);
    return codes_of(take());
  }

  Server server;
  std::vector<std::string> log;       // events but Body
  std::vector<std::string> messages;  // accepted ones
  std::string body;
  std::string closed;  // why

 private:
  void pump() {
    while (closed.empty()) {
      auto event = server.next();
      if (std::holds_alternative<event::NeedInput>(event)) return;
      if (const auto* hello = std::get_if<event::Hello>(&event)) {
        log.push_back("hello " + std::string{hello->name});
      } else if (const auto* mail = std::get_if<event::Mail>(&event)) {
        body.clear();
        const auto local = mail->sender ? mail->sender->local() : std::string{};
        log.push_back("mail " + (mail->sender ? mail->sender->text() : std::string{"<>"}));
        server.answer(verdict(local, {250, "2.1.0", "ok"}));
      } else if (const auto* recipient = std::get_if<event::Recipient>(&event)) {
        const auto& mailbox = recipient->path.mailbox;
        log.push_back("rcpt " + (mailbox ? mailbox->text() : std::string{"postmaster"}));
        server.answer(verdict(mailbox ? mailbox->local() : "", {250, "2.1.5", "ok"}));
      } else if (const auto* data = std::get_if<event::Data>(&event)) {
        log.emplace_back(data->chunked ? "chunks" : "data");
        const auto local = server.envelope().sender ? server.envelope().sender->local() : std::string{};
        server.answer(local == "nodata" ? Reply{451, "4.3.0", "not now"} : Reply{354, "", "go on"});
      } else if (const auto* piece = std::get_if<event::Body>(&event)) {
        body += piece->bytes;
      } else if (const auto* end = std::get_if<event::EndOfData>(&event)) {
        log.push_back(fmt::format("end {}", end->size));
        const auto local = server.envelope().sender ? server.envelope().sender->local() : std::string{};
        const bool refused = local == "spam";
        if (!refused) messages.push_back(body);
        server.answer(refused ? Reply{550, "5.7.1", "spam"} : Reply{250, "2.0.0", "ok"});
      } else if (const auto* aborted = std::get_if<event::Aborted>(&event)) {
        log.push_back(fmt::format("aborted {}", aborted->reply.code));
      } else if (std::holds_alternative<event::StartTls>(event)) {
        log.emplace_back("starttls");
        if (!hold_tls) server.tls_started();
      } else if (const auto* close = std::get_if<event::Close>(&event)) {
        closed = close->why;
        log.push_back("close " + closed);
      }
    }
  }
  static Reply verdict(std::string_view local, Reply good) {
    if (local.starts_with("unknown")) return {550, "5.1.1", "unknown"};
    if (local.starts_with("later")) return {450, "4.2.0", "later"};
    return good;
  }

 public:
  bool hold_tls = false;  // the test says tls_started itself
};

inline ServerOptions test_options() {
  ServerOptions options;
  options.host_name = "mx.example.org";
  options.offer_starttls = true;
  return options;
}

}  // namespace mailreeve::smtp::testing
