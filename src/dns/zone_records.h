// SPDX-License-Identifier: Apache-2.0
// Record data as zone files write it (RFC 1035 5.1, RFC 6698 2.2), in wire form.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "dns/resolver.h"
#include "dns/zone_tokens.h"

namespace mailreeve::dns {

/// "3600", "1h30m": at most 2^31 - 1 seconds (RFC 2181 8).
std::optional<std::chrono::seconds> parse_ttl(std::string_view word);

/// `absolute` makes a whole name of one as it is written. The error says what the type needs.
Result<std::string> zone_record(Type type, std::span<const ZoneToken> data,
                                const std::function<std::string(std::string_view)>& absolute);

}  // namespace mailreeve::dns
