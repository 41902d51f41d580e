// SPDX-License-Identifier: Apache-2.0
// Reading record data as it came over the wire (RFC 1035 3.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/resolver.h"

namespace mailreeve::dns {

/// An uncompressed domain name as a host name in lower case without the final dot; "" for the root. Nothing when it is
/// broken, longer than 255 octets, or has characters that no mail host's name has.
std::optional<std::string> read_host_name(std::string_view rdata);

/// MX record data: preference and host (RFC 1035 3.3.9).
std::optional<MailExchanger> read_mail_exchanger(std::string_view rdata);

}  // namespace mailreeve::dns
