// SPDX-License-Identifier: Apache-2.0
// The files of the web pages (ui/), as the build embedded them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mailreeve::web {

struct Page {
  std::string_view path;  // "/index.html", "/assets/index-1a2b3c4d.js"
  std::string_view type;  // Content-Type
  std::string_view gzip;
  std::string_view etag;   // with its quotes
  std::size_t size = 0;    // octets when unpacked
  bool immutable = false;  // what is at this address never changes: its name holds its hash
};

/// By path. Empty when Mailreeve was built without the pages (MAILREEVE_UI=OFF).
std::span<const Page> pages();

}  // namespace mailreeve::web
