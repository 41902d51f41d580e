// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/load.h"

namespace mailreeve::config {

/// Null when there was a mistake, or when files are not looked at.
std::shared_ptr<const judge::Directory> read_recipient_source(const std::string& name, const Section& section,
                                                              Settings& settings, FileChecks checks);

}  // namespace mailreeve::config
