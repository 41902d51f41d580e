// SPDX-License-Identifier: Apache-2.0
// TLS contexts: what we show as a server, what we demand as a client.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"

struct ssl_ctx_st;

namespace mailreeve::net {

/// What a finished handshake agreed on.
struct TlsFacts {
  std::string version;  // "TLSv1.3"
  std::string cipher;   // "TLS_AES_256_GCM_SHA384"
  int bits = 0;
};

/// Shared by every connection made while it is current; a reload makes a new one, old sessions keep theirs.
class TlsContext {
 public:
  /// Server side. Errors name the file and what is wrong with it: unreadable, not PEM, key does not match.
  static Result<std::shared_ptr<const TlsContext>> server(const std::string& certificate, const std::string& key,
                                                          const std::string& minimum);
  /// Client side without verification: what opportunistic TLS to a server of one's own needs (RFC 3207 6).
  static Result<std::shared_ptr<const TlsContext>> client();
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  /// When the certificate we show ends; nothing for a client.
  std::optional<WallTime> expires() const;
  ssl_ctx_st* native() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_{context} {}
  ssl_ctx_st* context_;
};

}  // namespace mailreeve::net
