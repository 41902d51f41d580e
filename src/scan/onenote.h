// SPDX-License-Identifier: Apache-2.0
// Files in OneNote notebooks ([MS-ONESTORE], [MS-ONE]), found by their marks wherever they stand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct OneNoteLook {
  std::vector<std::string_view> files;  // FileDataStoreObject ([MS-ONESTORE] 2.6.13); may overlap in a forged notebook
  std::vector<std::string> names;       // of files embedded ([MS-ONE] 2.3.9), UTF-8, in no order that means anything
  bool broken = false;                  // a file is longer than the notebook
};

/// Views point into `bytes`. At most `most` files, and 100 names.
OneNoteLook read_onenote(std::string_view bytes, std::size_t most);

}  // namespace mailreeve::scan
