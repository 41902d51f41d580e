// SPDX-License-Identifier: Apache-2.0
// zlib streams (RFC 1950).
#pragma once

#include <string>
#include <string_view>

namespace mailreeve::scan {

/// As far as it can be read, at most about `most` octets.
std::string inflated(std::string_view bytes, std::size_t most);

}  // namespace mailreeve::scan
