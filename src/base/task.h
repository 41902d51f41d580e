// SPDX-License-Identifier: Apache-2.0
// The one coroutine type, and the one way to wait for something that another thread finishes.
// Outside net/ this is the only header that names Asio.
//
// Rules (docs/architecture.md, "Coroutines"): parameters by value, or by reference when the caller awaits in the same
// statement; no lambda is a coroutine; one co_await a statement.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace mailreeve {

template <class T = void>
using Task = boost::asio::awaitable<T>;

/// Finishes a `wait_for` exactly once, from any thread. Copyable, so that std::function may hold it.
/// Calling it twice is a bug; never calling it leaves the waiter waiting.
template <class T>
using Done = std::function<void(T)>;

/// Runs `start(done)` at once; the coroutine goes on, on its own executor, with the value given to `done`.
/// T must be default constructible and movable.
template <class T, class Start>
Task<T> wait_for(Start start) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(T)>(
      [](auto handler, Start begin) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto work = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
        auto held = std::make_shared<decltype(handler)>(std::move(handler));
        begin(Done<T>([work, held](T value) {
          boost::asio::post(work, [held, value = std::move(value)]() mutable { std::move (*held)(std::move(value)); });
        }));
      },
      boost::asio::use_awaitable, std::move(start));
}

}  // namespace mailreeve
