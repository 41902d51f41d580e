// SPDX-License-Identifier: Apache-2.0
// The SMTP server machine under any bytes, in any pieces, with any answers.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "smtp/server.h"

namespace {

using namespace mailreeve;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Decisions come off the end of the input, so that what the peer says stays readable in a corpus.
class Decisions {
 public:
  Decisions(const std::uint8_t* data, std::size_t size) : data_{data}, size_{size} {}
  std::uint8_t next() {
    if (size_ == 0) return 0;
    return data_[--size_];
  }
  std::vector<char> take(std::size_t count) {
    count = std::min(count, size_);
    std::vector<char> piece(data_, data_ + count);
    data_ += count;
    size_ -= count;
    return piece;
  }
  bool empty() const { return size_ == 0; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

struct Watch {
  bool in_data = false;
  std::uint64_t body = 0;
  std::size_t output = 0;
};

smtp::Reply decide(std::uint8_t byte, int good) {
  if (byte % 16 == 1) return {550, "5.7.1", "no"};
  if (byte % 16 == 2) return {451, "4.3.0", "later"};
  if (byte % 64 == 3) return {421, "4.3.2", "closing"};
  return {good, good == 354 ? "" : "2.0.0", "yes"};
}

/// False when the session is over.
bool pump(smtp::Server& server, Decisions& decisions, Watch& watch, std::uint64_t limit) {
  namespace event = smtp::event;
  while (true) {
    auto next = server.next();
    if (decisions.next() % 8 == 1) server.keep_input();
    watch.output += server.take_output().size();
    if (std::holds_alternative<event::NeedInput>(next)) return true;
    if (std::holds_alternative<event::Close>(next)) return false;
    if (std::holds_alternative<event::Mail>(next)) {
      require(!server.in_transaction());
      server.answer(decide(decisions.next(), 250));
    } else if (std::holds_alternative<event::Recipient>(next)) {
      require(server.in_transaction());
      server.answer(decide(decisions.next(), 250));
    } else if (std::holds_alternative<event::Data>(next)) {
      require(server.in_transaction() && !watch.in_data && !server.envelope().recipients.empty());
      const auto reply = decide(decisions.next(), 354);
      watch.in_data = reply.is_positive();
      watch.body = 0;
      server.answer(reply);
    } else if (auto* body = std::get_if<event::Body>(&next)) {
      require(watch.in_data && !body->bytes.empty() && body->bytes.find('\0') == std::string_view::npos);
      watch.body += body->bytes.size();
      require(watch.body <= limit);
    } else if (auto* end = std::get_if<event::EndOfData>(&next)) {
      require(watch.in_data && end->size == watch.body);
      watch.in_data = false;
      server.answer(decide(decisions.next(), 250));
      require(!server.in_transaction());
    } else if (std::holds_alternative<event::Aborted>(next)) {
      require(!server.in_transaction());
      watch.in_data = false;
    } else if (std::holds_alternative<event::StartTls>(next)) {
      server.tls_started();
      require(server.helo().empty() && !server.in_transaction());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Decisions decisions{data, size};
  smtp::ServerOptions options;
  options.host_name = "mx.example.org";
  const auto choice = decisions.next();
  options.offer_starttls = (choice & 1) != 0;
  options.require_tls = (choice & 2) != 0;
  options.limits.message_size = (choice & 4) != 0 ? 20 : 1000;
  options.limits.command_line = (choice & 8) != 0 ? 64 : 2048;
  options.limits.overlong_line = 2 * options.limits.command_line;
  options.limits.recipients = 4;
  smtp::Server server{options};
  server.greet();
  Watch watch;
  std::size_t given = 0;
  bool open = true;
  while (open && !decisions.empty()) {
    const auto length = decisions.next();
    const auto piece = decisions.take(length < 128 ? length : std::size_t{8} * length);
    given += piece.size();
    server.receive({piece.data(), piece.size()});
    open = pump(server, decisions, watch, options.limits.message_size);
  }
  // The longest reply is that to EHLO; nothing sent earns more than one reply and a last word.
  require(watch.output <= 1000 + 400 * (given / 6 + 1));
  if (!open) {
    server.receive("NOOP\r\n");
    require(std::holds_alternative<smtp::event::Close>(server.next()));
    require(!server.has_output());
  }
  return 0;
}
