// SPDX-License-Identifier: Apache-2.0
// The lexical side of zone files (RFC 1035 5.1): comments, quotes, escapes, parentheses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mailreeve::dns {

struct ZoneToken {
  std::string text;  // escapes undone
  bool quoted = false;
};
struct ZoneLine {
  unsigned number = 0;  // from 1, where it begins
  bool starts_with_blank = false;
  std::vector<ZoneToken> tokens;
};

/// Lines that parentheses join are one; empty ones are left out. At most 1,000,000 lines, 1,000 tokens each.
Result<std::vector<ZoneLine>> zone_lines(std::string_view text);

}  // namespace mailreeve::dns
