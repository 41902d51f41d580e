// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include "config/settings.h"

namespace mailreeve::cli {

enum class Remarks { errors, all };

/// Reads the settings file; what is wrong goes to `err`, a line each: errors alone, or warnings too. Null when they
/// cannot be used.
std::shared_ptr<const config::Settings> load_settings(const std::string& path, Remarks remarks, std::ostream& err);

}  // namespace mailreeve::cli
