// SPDX-License-Identifier: Apache-2.0
// What stands between the method and the version of a request: a path and a query, percent-encoded.
#pragma once

#include <string_view>

#include "net/http.h"

namespace mailreeve::net {

/// Fills path and query from "/path?query", or from the absolute form of it that RFC 9112 3.2.2 tells servers to take.
/// ErrorKind::invalid: a broken escape, a control character, a key twice, or no path at all.
Result<void> read_http_target(std::string_view target, HttpRequest& request);

}  // namespace mailreeve::net
