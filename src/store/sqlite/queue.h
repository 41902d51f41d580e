// SPDX-License-Identifier: Apache-2.0
// The embedded queue: one SQLite file in WAL mode with synchronous=FULL, one writer thread that commits in groups.
//
// Exactly one connection writes and checkpoints: SQLite before 3.51.3 can corrupt a WAL that two connections reset
// (Debian 12 has 3.40.1). Readers are read-only and never checkpoint. An exclusive lock on `<path>.lock` keeps a second
// process out. A failed write or sync poisons the connection: the work of that group is answered with an error, never
// with success, the file is opened again, and what was committed before is synced into the database file before more is
// taken.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "store/queue.h"

namespace mailreeve::store::sqlite {

struct QueueOptions {
  std::string path;                            // the database file; its folder must exist
  std::string vfs;                             // empty: the system's; tests name theirs (no lock file, no free space)
  std::string node;                            // owners begin with "<node>/": at open, claims of this node are given up
  std::uint64_t min_free_bytes = 64ULL << 20;  // below this accept answers ErrorKind::full (0: do not ask)
  std::size_t group_limit = 256;               // requests a commit
};

/// Opens or creates it, checks it, sweeps chunks without a message. Errors say what to do.
/// ErrorKind::busy: another process holds it.
Result<std::unique_ptr<Queue>> open_queue(QueueOptions options, Logger& log, Metrics& metrics);

}  // namespace mailreeve::store::sqlite
