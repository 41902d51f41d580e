// SPDX-License-Identifier: Apache-2.0
// History in `archive.db`: one thread writes in groups, one searches, one counts.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "store/history.h"

namespace mailreeve::store::sqlite {

Result<std::unique_ptr<History>> open_history(const std::string& path, Logger& log, Metrics& metrics);

}  // namespace mailreeve::store::sqlite
