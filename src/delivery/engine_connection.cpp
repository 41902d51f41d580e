// SPDX-License-Identifier: Apache-2.0
#include "delivery/engine_connection.h"

namespace mailreeve::delivery {
namespace {

constexpr auto pause = std::chrono::milliseconds{2};

}  // namespace

Task<Result<EngineTicket>> EnginePlaces::take(net::Loop& loop, SteadyTime deadline) {
  if (loop.index() >= busy_.size()) co_return fail(ErrorKind::internal, "no event loop of ours runs here");
  const auto busy = busy_[loop.index()];
  while (*busy >= at_once_) {
    const bool go_on = co_await loop.sleep(pause);
    if (!go_on || std::chrono::steady_clock::now() > deadline) {
      co_return fail(ErrorKind::busy, "too many messages wait for it");
    }
  }
  co_return EngineTicket{busy};
}

Task<Result<std::unique_ptr<net::Stream>>> connect_engine(net::Loop& loop, std::string path, net::Endpoint to,
                                                          SteadyTime deadline) {
  Result<std::unique_ptr<net::Stream>> stream = fail(ErrorKind::internal, "not connected");
  if (path.empty()) {
    stream = co_await loop.connect(to, deadline);
  } else {
    stream = co_await loop.connect_unix(std::move(path), deadline);
  }
  if (stream) (*stream)->set_deadline(deadline);
  co_return stream;
}

}  // namespace mailreeve::delivery
