// SPDX-License-Identifier: Apache-2.0
// Octets written as a mark and two hexadecimal digits (RFC 3986 2.1).
#pragma once

#include <string>
#include <string_view>

namespace mailreeve::scan {

/// 0 to 15; -1 for what is no hexadecimal digit.
int hex_value(char c);

/// What is no whole escape stays as it is.
std::string percent_decoded(std::string_view text, char mark = '%');

}  // namespace mailreeve::scan
