// SPDX-License-Identifier: Apache-2.0
// Connections to servers, kept for the next message. One pool a loop, so nothing here is locked.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/current.h"
#include "delivery/connection.h"

namespace mailreeve::delivery {

class Pool {
 public:
  /// `share`: this loop's part of Options::connections is 1/share of it, at least one.
  Pool(net::Loop& loop, const Current<Plan>& plan, std::size_t share);
  /// Sends one message over a free connection, or a new one, or when one becomes free. An idle connection that the
  /// server had closed meanwhile is replaced by a fresh one without counting as a failure.
  Task<Attempt> send(ServerAddress address, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                     SteadyTime deadline, SteadyTime answer_deadline);
  /// For stopping: who waits for a free connection is told that there will be none, and no wait for a server goes
  /// beyond `end`.
  void hurry(SteadyTime end);
  /// Says QUIT to every idle connection.
  Task<void> close_idle(bool all);

 private:
  struct Server {
    std::deque<std::unique_ptr<Connection>> idle;
    std::deque<Done<bool>> waiting;
    std::size_t open = 0;   // idle and in use
    SteadyTime down_until;  // it was silent a moment ago: do not make everybody wait for it again
    std::string down_reason;
  };
  using Borrowed = Result<std::unique_ptr<Connection>>;
  Task<Borrowed> borrow(Server& server, ServerAddress address, SteadyTime deadline);
  void give_back(Server& server, std::unique_ptr<Connection> connection);
  void wake_one(Server& server);

  net::Loop& loop_;
  const Current<Plan>& plan_;
  std::size_t share_;
  std::shared_ptr<Haste> haste_ = std::make_shared<Haste>();
  std::map<std::string, std::shared_ptr<Server>> servers_;  // forgotten when unused
};

}  // namespace mailreeve::delivery
