// SPDX-License-Identifier: Apache-2.0
// Several pieces of work of one check at once, for as long as the check allows.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/spawner.h"

namespace mailreeve::judge {

/// Results in the order in which they come; what is not there when the time is over is missing. T: default
/// constructible and movable. The Tasks must not refer to anything that ends before they do.
template <class T>
Task<std::vector<T>> side_by_side(Spawner& spawner, std::vector<Task<T>> tasks, std::chrono::milliseconds time_limit,
                                  std::shared_ptr<void> owner) {
  struct Shared {
    std::vector<T> results;
    std::size_t missing = 0;
    Done<bool> waiter;
    std::shared_ptr<void> owner;
    void wake() {
      if (waiter) std::exchange(waiter, nullptr)(true);
    }
    static Task<void> run(std::shared_ptr<Shared> self, Task<T> task) {
      auto result = co_await std::move(task);
      self->results.push_back(std::move(result));
      if (--self->missing == 0) self->wake();
    }
    static Task<void> limit(std::shared_ptr<Shared> self, Spawner& on, std::chrono::milliseconds time) {
      co_await on.sleep(time);
      self->wake();
    }
  };
  auto shared = std::make_shared<Shared>();
  shared->missing = tasks.size();
  shared->owner = std::move(owner);
  for (auto& task : tasks) spawner.spawn("look-up", Shared::run(shared, std::move(task)));
  if (shared->missing > 0) {
    spawner.spawn("time limit", Shared::limit(shared, spawner, time_limit));
    co_await wait_for<bool>([shared](Done<bool> done) { shared->waiter = std::move(done); });
  }
  co_return std::move(shared->results);
}

}  // namespace mailreeve::judge
