// SPDX-License-Identifier: Apache-2.0
// Who did what to what: written once, never changed, kept for a set time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/task.h"

namespace mailreeve::store {

struct AuditEntry {
  std::int64_t key = 0;  // given by the store; grows with time
  WallTime time;
  std::string who;     // "alice", "token ci (alice)", "anna@example.org", "local operator", "link"
  std::string from;    // client address; empty: local
  std::string action;  // "quarantine.release", "user.add"
  std::string object;  // message id, name of a user; may be empty
  std::string detail;  // never a secret; at most 4 KiB are kept
};

struct AuditFilter {
  // Exact; an action also finds those below it: "quarantine". Empty: any.
  std::string who = {};
  std::string action = {};
  std::string object = {};
  std::optional<WallTime> since = {};
  std::optional<WallTime> until = {};
  std::int64_t before = 0;  // paging: entries with a smaller key; 0: from the newest
  std::size_t limit = 100;  // at most 1000
};

class Audit {
 public:
  virtual ~Audit() = default;
  /// All of them or none; durable when the task ends.
  virtual Task<Result<void>> add(std::vector<AuditEntry> entries) = 0;
  /// Newest first.
  virtual Task<Result<std::vector<AuditEntry>>> search(AuditFilter filter) = 0;
  /// Deletes what is older; answers how many.
  virtual Task<Result<std::uint64_t>> expire(WallTime before) = 0;
};

}  // namespace mailreeve::store
