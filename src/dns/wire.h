// SPDX-License-Identifier: Apache-2.0
// Names and record data as they are on the wire (RFC 1035 3.1, 3.3), uncompressed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/resolver.h"

namespace mailreeve::dns {

/// An uncompressed domain name as a host name in lower case without the final dot; "" for the root. Nothing when it is
/// broken, longer than 255 octets, or has characters that no mail host's name has.
std::optional<std::string> read_host_name(std::string_view rdata);

/// MX record data: preference and host (RFC 1035 3.3.9). The host may hold any printable characters: SPF asks for such.
std::optional<MailExchanger> read_mail_exchanger(std::string_view rdata);

/// TXT record data: its character-strings joined without anything between (RFC 7208 3.3, RFC 6376 3.6.2.2).
std::optional<std::string> read_text(std::string_view rdata);

/// A name as written, "mx.example.org", to its wire form; nothing when a label is empty or over 63 octets, or all is
/// over 255. "" and "." are the root.
std::optional<std::string> write_name(std::string_view name);
/// Text to character-strings of at most 255 octets.
std::string write_text(std::string_view text);

}  // namespace mailreeve::dns
