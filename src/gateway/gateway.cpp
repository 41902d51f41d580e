// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

namespace mailreeve::gateway {

Gateway::Gateway(net::LoopGroup& loops, SessionServices services)
    : loops_{loops}, services_{services}, sessions_(loops.size()) {}

void Gateway::listen(net::BoundSocket socket, ListenerOptions options) {
  const auto& kept = options_.emplace_back(std::move(options));
  const std::string name = kept.role == Role::mx ? "mx" : "submission";
  listeners_.push_back(
      loops_.listen(std::move(socket), name, [this, &kept](net::Loop& loop, std::unique_ptr<net::Stream> stream) {
        return serve(loop, std::move(stream), kept);
      }));
}

Task<void> Gateway::serve(net::Loop& loop, std::unique_ptr<net::Stream> stream, const ListenerOptions& listener) {
  ++open_;
  Session session{services_, loop, std::move(stream), listener};
  auto& sessions = sessions_[loop.index()];
  sessions.push_back(&session);
  const auto here = std::prev(sessions.end());
  co_await session.run();
  sessions.erase(here);
  --open_;
}

void Gateway::drain() {
  for (auto& listener : listeners_) listener->close();
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_.at(i).post([this, i] {
      for (auto* session : sessions_[i]) session->drain();
    });
  }
}

}  // namespace mailreeve::gateway
