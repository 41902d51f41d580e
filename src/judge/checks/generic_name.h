// SPDX-License-Identifier: Apache-2.0
// Does a host name look as if nobody had chosen it: a dial-up, a dynamic pool, a name made of the address?
#pragma once

#include <string_view>

#include "base/ip.h"

namespace mailreeve::judge {

/// `name` in lower case without final dot. False for names of mail hosts, even where they hold their address.
bool is_generic_name(std::string_view name, const IpAddress& address);

}  // namespace mailreeve::judge
