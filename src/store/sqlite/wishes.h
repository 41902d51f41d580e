// SPDX-License-Identifier: Apache-2.0
// Wishes in `wishes.db`: all of them in memory, changes written by one thread and synced.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "store/wishes.h"

namespace mailreeve::store::sqlite {

/// Reads what is there. A change that cannot be written is an error and does not count.
Result<std::unique_ptr<Wishes>> open_wishes(const std::string& path, Logger& log);

}  // namespace mailreeve::store::sqlite
