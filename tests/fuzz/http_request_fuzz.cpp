// SPDX-License-Identifier: Apache-2.0
// A request in arbitrary octets: refused or read, and a request that was read has a target that reads back the same.
#include <cstdint>
#include <cstdlib>

#include "net/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve::net;
  const auto request = parse_http_request({reinterpret_cast<const char*>(data), size});
  if (!request) return 0;
  for (const auto& [name, value] : request->headers) {
    if (name.empty() || value.find_first_of("\r\n") != std::string::npos) std::abort();
  }
  static_cast<void>(accepts_encoding(*request, "gzip"));
  static_cast<void>(has_etag(*request, "\"a\""));
  if (request->path == "*") return 0;
  const auto again =
      parse_http_request("GET " + http_target(request->path, request->query) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  // Escaping may make the target longer than a header may be.
  if (!again && again.error().kind == mailreeve::ErrorKind::full) return 0;
  if (!again || again->path != request->path || again->query != request->query) std::abort();
  return 0;
}
