// SPDX-License-Identifier: Apache-2.0
// The embedded vault: one SQLite file in WAL mode with synchronous=FULL, bodies in rows of 256 KiB, FTS5 over who,
// whom, subject, text and findings. One writer thread as the queue has.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "store/vault.h"

namespace mailreeve::store::sqlite {

struct VaultOptions {
  std::string path;                            // its folder must exist
  std::string vfs = {};                        // empty: the system's; tests name theirs (no free space is asked)
  std::uint64_t min_free_bytes = 64ULL << 20;  // below this `keep` answers ErrorKind::full (0: do not ask)
};

/// Opens or creates it. Errors say what to do. Whoever holds the queue of the same folder holds the vault too.
Result<std::unique_ptr<Vault>> open_vault(VaultOptions options, Logger& log, Metrics& metrics);

}  // namespace mailreeve::store::sqlite
