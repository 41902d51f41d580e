// SPDX-License-Identifier: Apache-2.0
// A file that nobody opens by mistake and no filter on the way removes: in a ZIP with a password that everybody knows.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace mailreeve::scan {

/// What analysts expect.
constexpr std::string_view usual_zip_password = "infected";

/// One member, called `file_name` (folders and odd characters in it become "_"), in the traditional encryption that
/// every program undoes; it keeps no secret. At most 256 MiB.
Result<std::string> locked_zip(std::string_view file_name, std::string_view bytes, std::string_view password);

}  // namespace mailreeve::scan
