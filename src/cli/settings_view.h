// SPDX-License-Identifier: Apache-2.0
// The settings in force as the pages show them.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.h"
#include "web/insight.h"

namespace mailreeve::cli {

web::SettingsView view_of(const config::Settings& settings, const std::string& file, WallTime loaded);

/// Keys that a list's operator gives its customers stand in names of zones ("abc...xyz.zen.dq.spamhaus.net"): whoever
/// may read the settings need not have them.
std::string without_keys(std::string_view text);

}  // namespace mailreeve::cli
