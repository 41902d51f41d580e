// SPDX-License-Identifier: Apache-2.0
#include "dns/resolver.h"
#include "net/blocking.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailreeve;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto resolver = dns::zone_resolver_from(text);
  if (!resolver) return 0;
  for (const auto* name : {"a", "example.org", "x.example.org", "1.2.0.192.in-addr.arpa"}) {
    for (const auto type : {dns::Type::a, dns::Type::mx, dns::Type::txt, dns::Type::ptr}) {
      const auto answer = net::run_blocking((*resolver)->ask(name, type));
      for (const auto& record : answer->records) static_cast<void>(dns::presentation(type, record));
    }
  }
  return 0;
}
