// SPDX-License-Identifier: Apache-2.0
// The header of a message or part before its fields are read: where it ends, in the view of each program.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scan/transfer.h"

namespace mailreeve::scan {

/// The octets up to the first empty line, and those behind it.
std::pair<std::string_view, std::string_view> split_header(std::string_view text);

/// Where some programs begin the body: at a first line that is a fold of nothing, has no name before its colon, is no
/// field at all, or has white space before its colon. At most four places, as offsets.
std::vector<std::size_t> other_ends(std::string_view header);

/// A CR without LF.
bool has_bare_cr(std::string_view text);

/// Of a field's value, lower case, without quotes.
std::string first_word(std::string_view value);

/// Nothing where nobody knows it (RFC 2045 6.1).
std::optional<Coding> coding_of(std::string_view word);

}  // namespace mailreeve::scan
