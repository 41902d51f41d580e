// SPDX-License-Identifier: Apache-2.0
// Text in header fields: encoded words (RFC 2047), folds, raw UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace mailreeve::scan {

/// An unstructured value as people see it, in UTF-8 on one line. At most `most` octets.
std::string decode_words(std::string_view value, std::size_t most);

/// Is there anything that looks like an encoded word?
bool has_encoded_word(std::string_view value);

}  // namespace mailreeve::scan
