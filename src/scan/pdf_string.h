// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailreeve::scan {

/// The octets of "(...)" or "<hex>" at `at` in a PDF, blanks before it skipped (ISO 32000-1 7.3.4); at most `most`,
/// empty when none is there.
std::string read_pdf_string(std::string_view text, std::size_t at, std::size_t most);

}  // namespace mailreeve::scan
