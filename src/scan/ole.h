// SPDX-License-Identifier: Apache-2.0
// Compound files ([MS-CFB]): old Office documents, Outlook messages, Windows installers; and the macros in them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct OleFile {
  std::string name;  // as it says, UTF-8 or a charset of Windows; empty: none
  std::string bytes;
};

struct OleLook {
  std::string kind;  // "doc", "xls", "ppt", "msg", "msi", "vba" (a macro project alone), "encrypted-ooxml"; else "ole"
  bool macros = false;
  bool auto_run = false;  // a macro that runs by itself: AutoOpen, Document_Open, Workbook_Open, ...
  bool encrypted = false;
  bool embedded = false;  // holds other files (packages, OLE objects)
  bool broken = false;
  std::vector<std::string> words;  // what is suspicious in the macros: "Shell", "URLDownloadToFile", ...
  std::vector<OleFile> files;      // packages: opened as their name says; at most 100
};

/// Bounded: 65,536 sectors of allocation, 4,096 directory entries, 4 MiB a stream, 32 MiB of streams.
OleLook look_at_ole(std::string_view bytes);

/// A VBA module's source out of its compressed container ([MS-OVBA] 2.4.1); at most `most` octets.
std::string decompress_vba(std::string_view container, std::size_t most);

}  // namespace mailreeve::scan
