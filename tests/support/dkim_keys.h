// SPDX-License-Identifier: Apache-2.0
// DKIM keys made for a test: the private one as PEM, the public one as its record.
#pragma once

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <map>
#include <memory>
#include <string>

#include "auth/tag_list.h"

namespace mailreeve::support {

struct DkimKey {
  std::string pem;     // PKCS#8
  std::string data;    // p=
  std::string record;  // "v=DKIM1; k=...; p=..."
};

inline std::string pem_of(EVP_PKEY* key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory{BIO_new(BIO_s_mem()), BIO_free};
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

/// An RSA key; the same one for all who ask for its size, for they take time to make.
inline const DkimKey& rsa_key(unsigned bits) {
  static std::map<unsigned, DkimKey> made;
  const auto [place, fresh] = made.try_emplace(bits);
  if (!fresh) return place->second;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_RSA_gen(bits), EVP_PKEY_free};
  unsigned char* der = nullptr;
  const auto size = i2d_PUBKEY(key.get(), &der);
  auto& out = place->second;
  out.pem = pem_of(key.get());
  out.data = auth::to_base64({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  out.record = "v=DKIM1; k=rsa; p=" + out.data;
  OPENSSL_free(der);
  return out;
}

inline const DkimKey& ed25519_key() {
  static const DkimKey made = [] {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                                  EVP_PKEY_free};
    std::string octets(32, '\0');
    auto size = octets.size();
    EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(octets.data()), &size);
    DkimKey out;
    out.pem = pem_of(key.get());
    out.data = auth::to_base64(octets);
    out.record = "v=DKIM1; k=ed25519; p=" + out.data;
    return out;
  }();
  return made;
}

/// A line of a zone file; the record cut into character-strings.
inline std::string key_line(const std::string& selector, const std::string& domain, const std::string& record) {
  constexpr std::size_t string_limit = 255;
  auto line = fmt::format("{}._domainkey.{}. TXT", selector, domain);
  if (record.empty()) line += " \"\"";
  for (std::size_t at = 0; at < record.size(); at += string_limit) {
    line += fmt::format(" \"{}\"", record.substr(at, string_limit));
  }
  return line + "\n";
}

}  // namespace mailreeve::support
