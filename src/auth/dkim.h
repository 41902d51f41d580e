// SPDX-License-Identifier: Apache-2.0
// DKIM (RFC 6376; algorithms by RFC 8301 and RFC 8463): who signed this message, and does the signature hold?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/message_digest.h"
#include "base/clock.h"
#include "dns/resolver.h"

namespace mailreeve::auth {

enum class DkimResult : std::uint8_t { none, pass, fail, policy, neutral, temperror, permerror };  // RFC 8601 2.7.1
std::string_view name(DkimResult result);

struct DkimSignature {
  DkimResult result = DkimResult::none;
  std::string domain;     // d=, lower case
  std::string selector;   // s=
  std::string identity;   // i=, or "@" + d
  std::string algorithm;  // "rsa-sha256"
  std::string reason;     // of everything but a clean pass: for people, one line
  std::string b_start;    // first octets of b=, which tell signatures apart (RFC 6008)
  unsigned key_bits = 0;
  bool testing = false;       // t=y in the key record
  bool partial_body = false;  // l= left octets of the body uncovered: never counted for DMARC
  bool expired = false;
  bool weak_key = false;                   // 1024 bits or less; under 1024 is `policy` (RFC 8301 3.2)
  bool unsigned_from_possible = false;     // From is not oversigned: another could be added unseen
  std::vector<std::string> signed_fields;  // h=, lower case
};

struct DkimOptions {
  /// rsa-sha1 and keys under 1024 bits verify as they did before RFC 8301: for suites of that time only.
  bool allow_obsolete = false;
  std::size_t key_bits_limit = 4096;  // larger ones cost too much time
  std::chrono::seconds clock_skew{300};
};

/// One entry a signature, top to bottom, up to MessageDigest::Limits::signatures; keys are fetched side by side or one
/// after the other, each key once. Empty: the message is not signed.
Task<std::vector<DkimSignature>> verify_dkim(const MessageDigest& message, dns::Resolver& resolver, WallTime now,
                                             DkimOptions options = {});

/// One word for all: pass if any holds, else what the first says. Without a signature none, or permerror when the
/// message has no readable author: nothing could be said of it (RFC 6376 8.15).
DkimResult overall(const MessageDigest& message, const std::vector<DkimSignature>& signatures);

/// A private key for signing: PEM (PKCS#1, PKCS#8), RSA or Ed25519.
class SigningKey {
 public:
  static Result<SigningKey> from_pem(std::string_view pem);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();
  bool is_ed25519() const;
  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  SigningKey();
  std::unique_ptr<Impl> impl_;
};

struct DkimSignOptions {
  std::string domain, selector;
  std::string identity;  // i=; empty: none
  std::string canonicalization = "relaxed/relaxed";
  std::vector<std::string> fields;                // h= in this order; empty: the recommended ones, From oversigned
  std::optional<WallTime> signed_at, expires_at;  // t=, x=
  std::string algorithm;                          // empty: by the key; "rsa-sha1" for suites alone
};
/// The field "DKIM-Signature: ..." with final CRLF, folded, to stand above the message.
Result<std::string> sign_dkim(std::string_view message, const SigningKey& key, const DkimSignOptions& options);

}  // namespace mailreeve::auth
