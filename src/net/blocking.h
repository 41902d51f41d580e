// SPDX-License-Identifier: Apache-2.0
// For commands and tests that have no loop of their own: runs one coroutine to its end on the calling thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <optional>

#include "base/spawner.h"
#include "base/task.h"

namespace mailreeve::net {

/// T must be default constructible and movable. What the task throws is thrown again here.
template <class T>
T run_blocking(Task<T> task) {
  boost::asio::io_context context{1};
  std::optional<T> value;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T result) {
    thrown = std::move(error);
    value = std::move(result);
  });
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*value);
}

/// The same with a place to spawn on: `run` drives the task and what it spawns, until the task has ended.
class LocalSpawner final : public Spawner {
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
    while (!value && context_.run_one() > 0) {
    }
    return std::move(*value);
  }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace mailreeve::net
