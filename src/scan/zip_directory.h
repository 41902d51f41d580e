// SPDX-License-Identifier: Apache-2.0
// Do a ZIP file's two lists of its members agree? Programs believe the one at the end, or the ones before each member.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct ZipLook {
  std::string problem;                   // empty when they agree
  std::vector<std::string> names;        // as the list at the end has them
  std::vector<std::string> other_names;  // of members that stand in one list only, or under another name there
};

/// APPNOTE 4.3. Bounded: 20,000 members; what is wrong is told once.
ZipLook look_at_zip(std::string_view bytes);

}  // namespace mailreeve::scan
