// SPDX-License-Identifier: Apache-2.0
// What engines that look at messages have in common: how many messages are with them at once, and the connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/loop.h"

namespace mailreeve::delivery {

/// A place among those at once, given back even when the coroutine is dropped, and then even after the EnginePlaces.
class EngineTicket {
 public:
  EngineTicket() = default;
  explicit EngineTicket(std::shared_ptr<std::size_t> busy) : busy_{std::move(busy)} { ++*busy_; }
  EngineTicket(EngineTicket&&) noexcept = default;
  EngineTicket& operator=(EngineTicket&& other) noexcept {
    std::swap(busy_, other.busy_);
    return *this;
  }
  ~EngineTicket() {
    if (busy_) --*busy_;
  }

 private:
  std::shared_ptr<std::size_t> busy_;
};

/// At most `at_once` messages of one loop are with the engines; others wait.
class EnginePlaces {
 public:
  EnginePlaces(const net::LoopGroup& loops, std::size_t at_once) : at_once_{at_once} {
    for (std::size_t i = 0; i < loops.size(); ++i) busy_.push_back(std::make_shared<std::size_t>(0));
  }
  /// Fails when there is none by the deadline.
  Task<Result<EngineTicket>> take(net::Loop& loop, SteadyTime deadline);

 private:
  std::vector<std::shared_ptr<std::size_t>> busy_;  // by loop
  std::size_t at_once_;
};

/// A fresh connection whose deadline is set; to the local socket `path`, or where that is empty to `to`.
Task<Result<std::unique_ptr<net::Stream>>> connect_engine(net::Loop& loop, std::string path, net::Endpoint to,
                                                          SteadyTime deadline);

}  // namespace mailreeve::delivery
