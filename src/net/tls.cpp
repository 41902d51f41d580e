// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <ctime>
#include <string_view>

namespace mailreeve::net {
namespace {

std::string last_tls_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

// A browser lured to our port speaks HTTP over TLS (ALPACA, 2021): whoever offers HTTP by ALPN has the wrong door.
int refuse_http_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                     unsigned size, void*) {
  static_cast<void>(out);
  static_cast<void>(out_size);
  for (unsigned at = 0; at < size;) {
    const unsigned length = offered[at];
    if (at + 1 + length > size) break;
    const std::string_view name{reinterpret_cast<const char*>(offered + at + 1), length};
    if (name == "h2" || name.starts_with("http/")) return SSL_TLSEXT_ERR_ALERT_FATAL;
    at += 1 + length;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

void save_memory(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
}

}  // namespace

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

std::optional<WallTime> TlsContext::expires() const {
  const X509* certificate = SSL_CTX_get0_certificate(context_);
  std::tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return std::nullopt;
  return WallTime{std::chrono::seconds{::timegm(&end)}};
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const std::string& certificate, const std::string& key,
                                                             const std::string& minimum) {
  SSL_CTX* native = SSL_CTX_new(TLS_server_method());
  if (native == nullptr) return fail(ErrorKind::tls, "cannot make a TLS context: " + last_tls_error());
  std::shared_ptr<const TlsContext> context{new TlsContext{native}};
  save_memory(native);
  SSL_CTX_set_min_proto_version(native, minimum == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>("mailreeve"), 9);
  // Resumption by tickets alone: a server-side session cache would grow with every peer.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 1);
  SSL_CTX_set_alpn_select_cb(native, refuse_http_alpn, nullptr);
  if (SSL_CTX_use_certificate_chain_file(native, certificate.c_str()) != 1) {
    return fail(ErrorKind::tls, fmt::format("cannot use certificate {}: {}", certificate, last_tls_error()));
  }
  if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(ErrorKind::tls, fmt::format("cannot use key {}: {}", key, last_tls_error()));
  }
  if (SSL_CTX_check_private_key(native) != 1) {
    return fail(ErrorKind::tls, fmt::format("key {} does not belong to certificate {}", key, certificate));
  }
  return context;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client() {
  SSL_CTX* native = SSL_CTX_new(TLS_client_method());
  if (native == nullptr) return fail(ErrorKind::tls, "cannot make a TLS context: " + last_tls_error());
  std::shared_ptr<const TlsContext> context{new TlsContext{native}};
  save_memory(native);
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
  return context;
}

}  // namespace mailreeve::net
