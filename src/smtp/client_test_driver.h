// SPDX-License-Identifier: Apache-2.0
// A scripted server: what it must hear, what it says then. Played whole, and cut at every octet.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "smtp/client.h"

namespace mailreeve::smtp::testing {

/// One turn: the server hears `expect` (all that the client writes up to its next read), then says `say`.
struct Turn {
  std::string expect;
  std::string say;
};

inline mail::Mailbox mailbox(std::string_view text) { return *mail::Mailbox::parse(text, mail::Utf8::allow); }

inline Outgoing message(std::vector<std::string> recipients, std::uint64_t size = 100) {
  Outgoing out;
  out.envelope.sender = mailbox("from@example.org");
  for (const auto& recipient : recipients) out.envelope.recipients.push_back({mailbox(recipient), {}, {}});
  out.size = size;
  return out;
}

inline ClientOptions options(Protocol protocol = Protocol::smtp) {
  ClientOptions made;
  made.protocol = protocol;
  made.host_name = "gate.example.net";
  return made;
}

/// Drives the machine as delivery/connection.cpp does, with a script for a network.
class Play {
 public:
  static constexpr std::size_t whole = 0;
  static constexpr std::size_t octet_by_octet = static_cast<std::size_t>(-1);

  /// `cut`: each turn of the server comes in two readings, the first of so many octets.
  Play(ClientOptions client_options, std::vector<Turn> turns, std::size_t cut = whole)
      : client{std::move(client_options)}, turns_{std::move(turns)}, cut_{cut} {}

  /// Goes on until the machine is idle, done or closed. At the end of the script the server closes the connection.
  Client::Step run() {
    for (int guard = 0; guard < 100'000; ++guard) {
      const auto step = client.next();
      switch (step) {
        case Client::Step::write:
          heard_ += client.take_output();
          break;
        case Client::Step::read:
          read();
          break;
        case Client::Step::body: {
          ++bodies;
          BodyEncoder encoder;
          encoder.encode(body, heard_);
          encoder.end(heard_);
          client.body_sent();
          break;
        }
        case Client::Step::start_tls:
          ++handshakes;
          if (tls_fails) {
            client.fail("handshake failed");
          } else {
            client.tls_started();
          }
          break;
        default:
          return step;
      }
    }
    ADD_FAILURE() << "the machine runs in circles";
    return Client::Step::closed;
  }

  Client::Step send(Outgoing outgoing) {
    client.send(std::move(outgoing));
    return run();
  }

  bool script_is_over() const { return turn_ == turns_.size() && pending_.empty(); }
  /// What was written and not asked for by the script.
  const std::string& unanswered() const { return heard_; }

  Client client;
  std::string body = "Subject: x\r\n\r\n.dot\r\n";
  int bodies = 0;
  int handshakes = 0;
  bool tls_fails = false;

 private:
  void read() {
    if (pending_.empty()) {
      if (turn_ == turns_.size()) {
        client.fail("the server closed the connection");
        return;
      }
      EXPECT_EQ(heard_, turns_[turn_].expect) << "turn " << turn_;
      heard_.clear();
      pending_ = turns_[turn_++].say;
      fresh_ = true;
    }
    std::size_t size = pending_.size();
    if (cut_ == octet_by_octet) size = 1;
    if (fresh_ && cut_ != whole) size = std::min(size, cut_);
    fresh_ = false;
    client.receive(std::string_view{pending_}.substr(0, size));
    pending_.erase(0, size);
  }

  std::vector<Turn> turns_;
  std::size_t cut_;
  std::size_t turn_ = 0;
  bool fresh_ = false;
  std::string heard_;
  std::string pending_;
};

/// Plays the script with the server's octets cut at every place; `check(Play&)` runs the conversation and looks at it.
template <class Check>
void every_split(const ClientOptions& client_options, const std::vector<Turn>& turns, Check check) {
  std::size_t longest = 1;
  for (const auto& turn : turns) longest = std::max(longest, turn.say.size());
  for (std::size_t cut = 0; cut <= longest; ++cut) {
    SCOPED_TRACE(cut);
    Play play{client_options, turns, cut == longest ? Play::octet_by_octet : cut};
    check(play);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace mailreeve::smtp::testing
