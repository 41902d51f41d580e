// SPDX-License-Identifier: Apache-2.0
// A signature as it stands in a field: DKIM-Signature (RFC 6376 3.5), ARC-Message-Signature and ARC-Seal
// (RFC 8617 4.1), and the key that proves it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/canonical.h"
#include "auth/dkim.h"

struct evp_pkey_st;

namespace mailreeve::auth {

enum class KeyType : std::uint8_t { rsa, ed25519 };
enum class SignatureKind : std::uint8_t { dkim, arc_message, arc_seal };

struct Signature {
  const mail::HeaderField* field = nullptr;
  std::string problem;      // not empty: it cannot be verified, and why. What could be read is there nevertheless
  bool unreadable = false;  // it is no list of tags: nothing was read
  KeyType key_type = KeyType::rsa;
  HashAlgorithm hash = HashAlgorithm::sha256;
  Canonical header = Canonical::simple, body = Canonical::simple;
  std::string algorithm, domain, selector, identity;
  std::string octets;                                          // b=
  std::string body_hash;                                       // bh=
  std::vector<std::string> fields;                             // h=, lower case
  std::optional<std::uint64_t> length, signed_at, expires_at;  // l=; seconds since 1970
  unsigned instance = 0;                                       // ARC
  std::string cv;                                              // ARC-Seal
};

/// What may be asked of DNS: letters, digits, hyphens, underscores and dots, labels of 1 to 63 octets.
bool is_dns_name(std::string_view name);
/// Never fails: see `problem`. Domain and selector are safe to ask DNS for when there is none.
Signature parse_signature(const mail::HeaderField& field, SignatureKind kind);

/// The hash that the signature signs: its h= fields, picked from the bottom up, and itself (RFC 6376 3.7).
std::string header_hash(const Signature& signature, const mail::Header& header);
/// Appends the fields that h= names.
void append_signed_fields(std::string& out, const std::vector<std::string>& names, const mail::Header& header,
                          Canonical canonical);
/// Appends a field without the value of its b=, without a final CRLF.
void append_own_field(std::string& out, const mail::HeaderField& field, Canonical canonical);

/// A public key from DNS.
class PublicKey {
 public:
  explicit PublicKey(evp_pkey_st* key) : key_{key} {}
  PublicKey(const PublicKey&) = delete;
  PublicKey& operator=(const PublicKey&) = delete;
  ~PublicKey();
  bool verify(const Signature& signature, const std::string& hash) const;
  unsigned bits() const;
  KeyType type = KeyType::rsa;
  bool testing = false;       // t=y
  bool exact_domain = false;  // t=s: i= must be d= itself
  bool sha256_only = false;   // h=sha256
  bool sha1_only = false;

 private:
  evp_pkey_st* key_;
};

/// Why there is no key: the result for the signature, and the reason.
struct NoKey {
  DkimResult result = DkimResult::permerror;
  std::string reason;
};
struct KeyAnswer {
  std::shared_ptr<const PublicKey> key;  // null: see `none`
  NoKey none;
};
/// A key record's text (RFC 6376 3.6.1).
KeyAnswer parse_key_record(std::string_view text);

/// Fetches keys, each once.
class KeyRing {
 public:
  explicit KeyRing(dns::Resolver& resolver) : resolver_{resolver} {}
  Task<KeyAnswer> find(std::string selector, std::string domain);

 private:
  dns::Resolver& resolver_;
  std::vector<std::pair<std::string, KeyAnswer>> known_;
};

/// Whether the key may prove the signature at all; if not, result and reason say why. Fills what the key tells.
bool judge_key(const Signature& signature, const KeyAnswer& answer, const DkimOptions& options, DkimSignature& out);
/// The signature against the key by every rule but the body's hash; fills result, reason and what the key tells.
void judge_signature(const Signature& signature, const KeyAnswer& answer, const mail::Header& header,
                     const DkimOptions& options, DkimSignature& out);

}  // namespace mailreeve::auth
