// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "net/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto header = mailreeve::net::parse_proxy_header(bytes);
  if (header && *header && ((*header)->size == 0 || (*header)->size > size)) std::abort();
  if (header && !*header && size > mailreeve::net::proxy_header_limit) std::abort();
  return 0;
}
