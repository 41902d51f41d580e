// SPDX-License-Identifier: Apache-2.0
// TNEF ([MS-OXTNEF]): the message as Outlook had it, which it sends along as winmail.dat.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct TnefFile {
  std::vector<std::string> names;  // UTF-8; every one that some program would show
  std::string_view bytes;          // of a message in the message: again a TNEF
};

struct TnefLook {
  std::vector<TnefFile> files;
  std::string_view text, html;  // the bodies, as they are
  std::string charset;          // of both
  std::string rtf;              // the body, decompressed
  bool broken = false;          // it ends too early, or has something else in it
};

/// Views point into `bytes`. Checksums are not looked at: programs show what is there. Bounded: `most` files, 8 names
/// a file, 4,096 properties a list, 4 MiB of RTF.
TnefLook read_tnef(std::string_view bytes, std::size_t most);

/// [MS-OXRTFCP] 2.2; at most `most` octets.
std::string decompress_rtf(std::string_view bytes, std::size_t most);

}  // namespace mailreeve::scan
