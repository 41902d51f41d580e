// SPDX-License-Identifier: Apache-2.0
// Text in whatever charset, as UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace mailreeve::scan {

struct DecodedText {
  std::string utf8;      // what cannot be read becomes U+FFFD
  bool known = true;     // the charset is one we know
  bool faithful = true;  // nothing had to be replaced
};

/// `charset`: as a message names it, any case; empty means what people's programs guess: UTF-8 if it is, else
/// windows-1252. UTF-7 is read although no program should write it. At most `most` octets come out.
DecodedText to_utf8(std::string_view text, std::string_view charset, std::size_t most);

/// Opens what ICU needs of the system, before a sandbox closes everything.
void prepare_charsets();

}  // namespace mailreeve::scan
