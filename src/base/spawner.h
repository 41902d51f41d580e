// SPDX-License-Identifier: Apache-2.0
// What code that starts work beside itself needs of an event loop, and no more.
#pragma once

#include <chrono>
#include <string_view>

#include "base/task.h"

namespace mailreeve {

class Spawner {
 public:
  virtual ~Spawner() = default;
  /// Starts a coroutine, from any thread. `name` appears in the log when it throws.
  virtual void spawn(std::string_view name, Task<void> task) = 0;
  /// Waits; answers early, with false, when everything is stopping.
  virtual Task<bool> sleep(std::chrono::milliseconds time) = 0;
};

}  // namespace mailreeve
