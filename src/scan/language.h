// SPDX-License-Identifier: Apache-2.0
// In which languages is a text written?
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct Language {
  std::string code;  // ISO 639-1, lower case: "de"
  std::uint32_t percent = 0;
  bool operator==(const Language&) const = default;
};

/// Most first, at most three; empty when there is too little text to tell. `text` in UTF-8.
std::vector<Language> languages_of(std::string_view text);

}  // namespace mailreeve::scan
