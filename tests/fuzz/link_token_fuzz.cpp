// SPDX-License-Identifier: Apache-2.0
// A token from a link: nothing that we did not sign is ever opened, and what we sign is read back.
#include <cstdlib>

#include "gateway/link_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mailreeve::gateway;
  static const LinkKey key{{1, 2, 3}};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto opened = key.open(text);
  if (opened && key.sign(*opened) != text) std::abort();
  LinkClaims claims;
  claims.action = static_cast<LinkAction>(1 + size % 5);
  claims.address = "a" + std::string{text.substr(0, 300)};
  claims.nonce = size;
  claims.expires = mailreeve::from_millis(static_cast<std::int64_t>(size) * 1000);
  if (key.open(key.sign(claims)) != claims) std::abort();
  return 0;
}
