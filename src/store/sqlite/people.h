// SPDX-License-Identifier: Apache-2.0
// Accounts and the audit log in one file, `people.db`: few rows, each change synced before it is told.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "store/accounts.h"
#include "store/audit.h"

namespace mailreeve::store::sqlite {

class People {
 public:
  virtual ~People() = default;
  virtual Accounts& accounts() = 0;
  virtual Audit& audit() = 0;
};

/// Opens or creates it; its folder must exist. Whoever holds the queue of the same folder holds this file too.
Result<std::unique_ptr<People>> open_people(const std::string& path, Logger& log, Metrics& metrics);

}  // namespace mailreeve::store::sqlite
