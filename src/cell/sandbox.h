// SPDX-License-Identifier: Apache-2.0
// Shuts this process in: from then on it can compute, and talk on the descriptors that it has.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace mailreeve::cell {

struct SandboxOptions {
  std::uint64_t memory = 1ULL << 30;  // octets of address space; not where sanitizers need more
};

/// In this order: limits of memory, files and processes; no new privileges, no capability; Landlock without any right
/// where the kernel has it; a seccomp filter that allows what computing needs. Opening, connecting and asking about
/// files fail with EPERM; starting programs or processes, sockets, signals to others and tracing end the process.
Result<void> enter_sandbox(const SandboxOptions& options);

}  // namespace mailreeve::cell
