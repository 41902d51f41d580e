// SPDX-License-Identifier: Apache-2.0
// For tests of folders below the event loops: runs a coroutine, and what it spawns, on the calling thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <optional>

#include "base/spawner.h"
#include "net/blocking.h"

namespace mailreeve::support {

/// Runs one coroutine to its end.
template <class T>
T run(Task<T> task) {
  return net::run_blocking(std::move(task));
}

/// A place to spawn on; `run` drives the given task and everything spawned meanwhile to the end.
class TestSpawner final : public Spawner {
 public:
  void spawn(std::string_view, Task<void> task) override {
    boost::asio::co_spawn(context_, std::move(task), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  }
  Task<bool> sleep(std::chrono::milliseconds time) override {
    boost::asio::steady_timer timer{context_, time};
    co_await timer.async_wait(boost::asio::use_awaitable);
    co_return true;
  }
  template <class T>
  T run(Task<T> task) {
    std::optional<T> value;
    boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error, T result) {
      if (error) std::rethrow_exception(error);
      value = std::move(result);
    });
    context_.restart();
    context_.run();
    return std::move(*value);
  }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace mailreeve::support
