// SPDX-License-Identifier: Apache-2.0
// For tests of folders below the event loops: runs a coroutine, and what it spawns, on the calling thread.
#pragma once

#include "net/blocking.h"

namespace mailreeve::support {

using TestSpawner = net::LocalSpawner;

/// Runs one coroutine to its end.
template <class T>
T run(Task<T> task) {
  return net::run_blocking(std::move(task));
}

}  // namespace mailreeve::support
