// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mailreeve {

/// RFC 4648 4, with padding, on one line.
std::string to_base64(std::string_view octets);

}  // namespace mailreeve
