// SPDX-License-Identifier: Apache-2.0
// For commands and tests that have no loop of their own: runs one coroutine to its end on the calling thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

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

}  // namespace mailreeve::net
