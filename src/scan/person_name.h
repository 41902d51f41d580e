// SPDX-License-Identifier: Apache-2.0
// People's names as readers see them: no matter which case, accents, look-alike letters, or order of words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

/// What names that look alike have in common: they share at least one key. UTF-8. Titles ("Dr."), initials beside two
/// whole words and what stands behind them ("(CEO)", "| Example Ltd") do not count. Empty for fewer than two words, so
/// that a first name alone is nobody's; at most 512 octets and 8 words are read.
std::vector<std::string> name_keys(std::string_view name);

}  // namespace mailreeve::scan
