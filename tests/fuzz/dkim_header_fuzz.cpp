// SPDX-License-Identifier: Apache-2.0
// The value of a DKIM-Signature, ARC-Message-Signature or ARC-Seal field; the first octet chooses.
#include <cstdlib>

#include "auth/signature.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailreeve::auth;
  if (size == 0) return 0;
  std::string value{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto kind = static_cast<SignatureKind>(data[0] % 3);
  const mailreeve::mail::Header header{"DKIM-Signature: " + value + "\r\nFrom: a@b.example\r\n"};
  if (header.fields().empty()) return 0;
  const auto signature = parse_signature(header.fields().front(), kind);
  for (const char c : signature.problem) {
    if (c < ' ' || c == 0x7f) std::abort();  // it goes to logs and header fields
  }
  if (signature.problem.empty()) {
    if (!is_dns_name(signature.domain) || !is_dns_name(signature.selector)) std::abort();
    if (signature.octets.empty()) std::abort();
  }
  if (header_hash(signature, header).size() != (signature.hash == HashAlgorithm::sha256 ? 32U : 20U)) std::abort();
  return 0;
}
