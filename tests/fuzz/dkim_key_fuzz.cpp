// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "auth/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailreeve::auth;
  const auto answer = parse_key_record({reinterpret_cast<const char*>(data), size});
  for (const char c : answer.none.reason) {
    if (c < ' ' || c == 0x7f) std::abort();
  }
  if (!answer.key) {
    if (answer.none.reason.empty() || answer.none.result == DkimResult::pass) std::abort();
    return 0;
  }
  Signature signature;
  signature.key_type = answer.key->type;
  signature.octets.assign(64, 'x');
  if (answer.key->bits() <= 4096 && answer.key->verify(signature, std::string(32, 'h'))) std::abort();
  return 0;
}
