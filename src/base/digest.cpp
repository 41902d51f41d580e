// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <openssl/evp.h>

#include <new>

namespace mailreeve {

namespace {

// Fetched once: in OpenSSL 3 looking an algorithm up costs more than hashing a small mail.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

}  // namespace

Sha256Stream::Sha256Stream() : context_{EVP_MD_CTX_new()} {
  if (context_ == nullptr || EVP_DigestInit_ex(context_, algorithm(), nullptr) != 1) throw std::bad_alloc{};
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(context_); }

void Sha256Stream::add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }

Sha256 Sha256Stream::finish() {
  Sha256 digest{};
  EVP_DigestFinal_ex(context_, digest.data(), nullptr);
  return digest;
}

Sha256 sha256_of(std::string_view bytes) {
  Sha256Stream stream;
  stream.add(bytes);
  return stream.finish();
}

std::string hex(std::span<const std::uint8_t> octets) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * octets.size());
  for (const auto octet : octets) {
    out += digits[octet >> 4U];
    out += digits[octet & 0xfU];
  }
  return out;
}

}  // namespace mailreeve
