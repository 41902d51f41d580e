// SPDX-License-Identifier: Apache-2.0
// The listeners and the sessions they bring: who is open, and how they are asked to end.
#pragma once

#include <deque>

#include "gateway/session.h"

namespace mailreeve::gateway {

class Gateway {
 public:
  Gateway(net::LoopGroup& loops, SessionServices services);
  /// Takes connections on a bound socket. `options` is kept for the gateway's life.
  void listen(net::BoundSocket socket, ListenerOptions options);
  /// No new connections; idle sessions are told 421; sessions in a transaction finish it.
  void drain();
  std::size_t open_sessions() const { return open_; }

 private:
  Task<void> serve(net::Loop& loop, std::unique_ptr<net::Stream> stream, const ListenerOptions& listener);

  net::LoopGroup& loops_;
  SessionServices services_;
  std::deque<ListenerOptions> options_;  // a deque keeps references valid
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::vector<std::list<Session*>> sessions_;  // one list a loop, touched only there
  std::atomic<std::size_t> open_{0};
};

}  // namespace mailreeve::gateway
