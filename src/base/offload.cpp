// SPDX-License-Identifier: Apache-2.0
#include "base/offload.h"

namespace mailreeve {

Offload::Offload(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

Offload::~Offload() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Offload::add(std::function<void()> work) {
  {
    std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(work));
  }
  ready_.notify_one();
}

void Offload::serve() {
  std::unique_lock lock{mutex_};
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds is freed before the next wait
    lock.lock();
  }
}

}  // namespace mailreeve
