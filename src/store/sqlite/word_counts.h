// SPDX-License-Identifier: Apache-2.0
// Word counts that outlive a restart: `words.db`.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "store/word_counts.h"

namespace mailreeve::store::sqlite {

enum class Loading { before_return, behind };

/// `loading`: behind answers at once and reads what is there on its own thread, so that a start need not wait.
/// `limit`: words; beyond it those that stood in one message alone, oldest first, are forgotten.
Result<std::unique_ptr<WordCounts>> open_word_counts(const std::string& path, Logger& log, Loading loading,
                                                     std::size_t limit = 1'000'000);

}  // namespace mailreeve::store::sqlite
