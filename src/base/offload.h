// SPDX-License-Identifier: Apache-2.0
// Blocking work that must not stand on an event loop: file syncs of a Maildir, for instance.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/task.h"

namespace mailreeve {

/// A few threads that run functions in the order given.
class Offload {
 public:
  explicit Offload(std::size_t threads);
  ~Offload();  // finishes what was given
  /// Runs `work` on one of the threads; the Task goes on, on its own loop, with what it returned.
  template <class T>
  Task<T> run(std::function<T()> work) {
    return wait_for<T>([this, work = std::move(work)](Done<T> done) { add([work, done] { done(work()); }); });
  }
  /// The same with nobody waiting for it.
  void add(std::function<void()> work);

 private:
  void serve();
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mailreeve
