// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "net/endpoint.h"

namespace mailreeve::web {

struct Options {
  std::vector<net::Endpoint> addresses;  // the `web` listeners; may be empty
};

}  // namespace mailreeve::web
