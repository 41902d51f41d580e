// SPDX-License-Identifier: Apache-2.0
// Marks that outlive a restart: `counters.db`, written every two seconds and at the end.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "store/marks.h"

namespace mailreeve::store::sqlite {

/// Reads what is there. A file that cannot be read is an error; one that cannot be written later is told in the log,
/// and the marks go on in memory.
Result<std::unique_ptr<Marks>> open_marks(const std::string& path, Logger& log, std::size_t limit = 1'000'000);

}  // namespace mailreeve::store::sqlite
