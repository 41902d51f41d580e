// SPDX-License-Identifier: Apache-2.0
// What was learnt, for commands: from the store itself, which a gateway may be using at the same time.
#pragma once

#include <iosfwd>
#include <memory>

#include "base/log.h"
#include "config/settings.h"
#include "store/word_counts.h"

namespace mailreeve::cli {

/// Null when nothing was learnt yet; why it cannot be read goes to `err`.
std::unique_ptr<store::WordCounts> learnt_words(const config::Settings& settings, Logger& log, std::ostream& err);

/// The same to write to, made where there is none, owned by the settings' `user` when we are root.
Result<std::unique_ptr<store::WordCounts>> open_words(const config::Settings& settings, Logger& log);

}  // namespace mailreeve::cli
