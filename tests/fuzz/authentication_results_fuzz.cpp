// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "auth/authentication_results.h"

// What was read and is written again must read the same, in one field that nothing has broken out of.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailreeve;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto results = auth::parse_authentication_results(text);
  if (!results) return 0;
  const auto field = auth::authentication_results_field(*results);
  const mail::Header header{field};
  if (header.broken() || header.fields().size() != 1) std::abort();
  const auto again = auth::parse_authentication_results(header.fields().front().value);
  const auto plain = [](const auth::AuthMethod& method) {
    return std::ranges::all_of(method.method + method.result, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  };
  if (std::ranges::all_of(results->methods, plain) && again && again->methods.size() != results->methods.size()) {
    std::abort();
  }
  static_cast<void>(auth::claims_authserv_id(header.fields().front(), "mx.example.org"));
  return 0;
}
