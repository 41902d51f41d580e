// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>

namespace mailreeve::cli {

/// Runs the gateway with the settings in `path` until SIGTERM. Exit code 0 after a clean stop, 1 when it cannot start;
/// what is wrong is written to `err`.
int serve(const std::string& path, std::ostream& err);

}  // namespace mailreeve::cli
