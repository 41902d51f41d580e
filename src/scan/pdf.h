// SPDX-License-Identifier: Apache-2.0
// What a PDF would do when it is opened (ISO 32000-1): scripts, programs, files inside, places it leads to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct PdfLook {
  bool javascript = false;
  bool launch = false;  // starts a program
  bool open_action = false;
  bool embedded = false;  // files inside, other than XML alone (an invoice's data: Factur-X, ZUGFeRD)
  bool encrypted = false;
  bool locked = false;  // and nobody can read it without a password
  bool form = false;    // XFA or submits what is typed
  std::vector<std::string> uris;
};

/// Objects in compressed object streams are looked at too. Bounded: 500 streams, 16 MiB unpacked, 200 URIs.
PdfLook look_at_pdf(std::string_view bytes);

}  // namespace mailreeve::scan
