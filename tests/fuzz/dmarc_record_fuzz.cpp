// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "auth/dmarc.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto record = mailreeve::auth::parse_dmarc_record(text);
  if (record && record->rua.size() > 20) std::abort();
  static_cast<void>(mailreeve::auth::registrable_domain(text));
  return 0;
}
