// SPDX-License-Identifier: Apache-2.0
// A message's octets in, a ContentReport out. A pure function: no file, no network, no clock (design, `scan/`).
#pragma once

#include <string_view>

#include "scan/limits.h"
#include "scan/report.h"

namespace mailreeve::scan {

struct ScanOptions {
  Limits limits;
};

/// Never fails: what cannot be read is a note. `message`: header and body, lines ending in CRLF (or LF).
ContentReport scan(std::string_view message, const ScanOptions& options);

}  // namespace mailreeve::scan
