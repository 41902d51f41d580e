// SPDX-License-Identifier: Apache-2.0
// A ContentReport as octets: how a scanner process answers. Whoever reads it does not trust it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "scan/report.h"

namespace mailreeve::scan {

constexpr std::size_t report_limit = 8U << 20;  // octets; what is longer is cut before it is written

std::string write_report(const ContentReport& report);
/// Bounded: never more than what the octets hold; a count or length that does not fit is an error.
Result<ContentReport> read_report(std::string_view bytes);

}  // namespace mailreeve::scan
