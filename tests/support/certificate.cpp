// SPDX-License-Identifier: Apache-2.0
#include "support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace mailreeve::support {
namespace {

void require(bool fine) {
  if (!fine) std::abort();
}

using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

}  // namespace

void write_certificate(const std::string& certificate_path, const std::string& key_path, const std::string& host_name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  require(key != nullptr);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), &X509_free};
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host_name.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  const FilePointer certificate_file{std::fopen(certificate_path.c_str(), "w"), &std::fclose};
  const FilePointer key_file{std::fopen(key_path.c_str(), "w"), &std::fclose};
  require(certificate_file && key_file);
  require(PEM_write_X509(certificate_file.get(), certificate.get()) == 1);
  require(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

}  // namespace mailreeve::support
