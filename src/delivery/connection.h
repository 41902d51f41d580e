// SPDX-License-Identifier: Apache-2.0
// One conversation with one server: smtp::Client connected to the world.
#pragma once

#include <memory>
#include <set>

#include "delivery/plan.h"
#include "delivery/result.h"
#include "mail/body.h"
#include "net/loop.h"

namespace mailreeve::delivery {

/// Where exactly to connect: a Target of kind smtp, smtps or lmtp resolved to an address, or a Unix socket.
struct ServerAddress {
  Target target;           // kind and path; for the log
  net::Endpoint endpoint;  // unused for a Unix socket
};

class Connection;

/// The connections of one loop, and a common end that stopping sets for them all.
struct Haste {
  SteadyTime end = SteadyTime::max();
  std::set<Connection*> connections;
};

class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  /// Connects, greets, does STARTTLS as the options say. A server whose STARTTLS fails is tried again in clear when
  /// the target does not demand TLS (RFC 7435: opportunistic).
  static Task<Result<std::unique_ptr<Connection>>> open(net::Loop& loop, ServerAddress address,
                                                        std::shared_ptr<const Plan> plan, SteadyTime deadline,
                                                        std::shared_ptr<Haste> haste);
  /// Sends one message. Always answers with one result a recipient. `deadline` bounds everything up to the final dot;
  /// the wait for the answer to it is bounded by the smaller of `answer_deadline` and RFC 5321 4.5.3.2.6.
  Task<Attempt> send(mail::Envelope envelope, std::shared_ptr<const mail::Body> body, SteadyTime deadline,
                     SteadyTime answer_deadline);
  /// True when it can carry another message.
  bool is_reusable() const { return reusable_; }
  /// True when the last send failed before the server said a word: an idle connection it had closed. Safe to repeat.
  bool was_stale() const { return stale_; }
  unsigned messages() const { return messages_; }
  SteadyTime idle_since() const { return idle_since_; }
  /// No wait goes beyond `haste.end` from now on.
  void hasten();
  /// QUIT, without waiting long for the answer.
  Task<void> quit();

 private:
  Connection(net::Loop& loop, ServerAddress address, std::shared_ptr<const Plan> plan, bool use_starttls,
             std::shared_ptr<Haste> haste);
  Task<Result<void>> greet(SteadyTime deadline);
  Task<smtp::Client::Step> advance(std::shared_ptr<const mail::Body> body, SteadyTime deadline,
                                   SteadyTime answer_deadline);
  Task<bool> send_body(std::shared_ptr<const mail::Body> body, SteadyTime deadline);
  SteadyTime limit(SteadyTime deadline, SteadyTime answer_deadline) const;

  net::Loop& loop_;
  ServerAddress address_;
  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<Haste> haste_;  // shared: a connection may outlive its pool at a stop
  std::unique_ptr<net::Stream> stream_;
  smtp::Client client_;
  bool reusable_ = false;
  bool stale_ = false;
  bool heard_ = false;  // anything at all since the last send began
  bool tls_failed_ = false;
  std::string failure_;
  unsigned messages_ = 0;
  SteadyTime idle_since_;
};

}  // namespace mailreeve::delivery
