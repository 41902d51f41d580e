// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/log.h"

namespace mailreeve::gateway {

/// Raises the soft limit of open descriptors to the hard one: shells and supervisors start programs with 1,024, and
/// every connection needs one. Warns when the hard limit is too low for `connections` at once. Answers the limit.
std::size_t raise_descriptor_limit(std::size_t connections, Logger& log);

}  // namespace mailreeve::gateway
