// SPDX-License-Identifier: Apache-2.0
#include "web/openapi.h"

// The build says where the file stands (src/CMakeLists.txt), and compiles this again when it changes.
asm(".pushsection .rodata\n"
    "mailreeve_openapi_begin:\n"
    ".incbin \"" MAILREEVE_OPENAPI_FILE
    "\"\n"
    "mailreeve_openapi_end:\n"
    ".globl mailreeve_openapi_begin\n"
    ".globl mailreeve_openapi_end\n"
    ".popsection\n");

extern "C" {
extern const char mailreeve_openapi_begin[];  // NOLINT(readability-identifier-naming)
extern const char mailreeve_openapi_end[];    // NOLINT(readability-identifier-naming)
}

namespace mailreeve::web {

std::string_view openapi_text() {
  return {mailreeve_openapi_begin, static_cast<std::size_t>(mailreeve_openapi_end - mailreeve_openapi_begin)};
}

Task<net::HttpResponse> show_openapi(Call) {
  net::HttpResponse response;
  response.type = "application/yaml";
  response.body = openapi_text();
  co_return response;
}

}  // namespace mailreeve::web
