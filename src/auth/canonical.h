// SPDX-License-Identifier: Apache-2.0
// Canonicalisation (RFC 6376 3.4) and hashing, as octets pass by.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mail/header.h"

struct evp_md_ctx_st;
struct evp_md_st;

namespace mailreeve::auth {

enum class Canonical : std::uint8_t { simple, relaxed };
enum class HashAlgorithm : std::uint8_t { sha256, sha1 };

/// OpenSSL's name for it, fetched once.
const evp_md_st* openssl_digest(HashAlgorithm algorithm);

class Hash {
 public:
  explicit Hash(HashAlgorithm algorithm);
  Hash(Hash&& other) noexcept;
  Hash& operator=(Hash&&) = delete;
  ~Hash();
  void update(std::string_view octets);
  std::string finish();

 private:
  evp_md_ctx_st* context_;
};

/// Takes a body in whatever pieces, lines ending in CRLF, and hashes its canonical form; nothing is kept of it.
class BodyHasher {
 public:
  /// `limit`: l=, octets of the canonical body that are covered.
  BodyHasher(Canonical canonical, HashAlgorithm algorithm, std::optional<std::uint64_t> limit);
  void feed(std::string_view bytes);
  std::string finish();
  /// Octets of the canonical body, covered or not. After `finish`.
  std::uint64_t length() const { return length_; }

 private:
  void feed_simple(std::string_view bytes);
  void feed_relaxed(std::string_view bytes);
  void emit(std::string_view octets);
  void emit_empty_lines();

  Canonical canonical_;
  std::optional<std::uint64_t> limit_;
  Hash hash_;
  std::uint64_t length_ = 0;
  std::uint64_t empty_lines_ = 0;  // line ends seen since the last octet of content
  bool after_cr_ = false;
  bool blank_ = false;    // relaxed: white space that counts only when something follows in its line
  bool in_line_ = false;  // relaxed: this line has content already
};

/// One field in canonical form with its final CRLF.
void append_canonical(std::string& out, const mail::HeaderField& field, Canonical canonical);
/// The raw field with the value of its b= tag removed (RFC 6376 3.5 "b="), still with its final CRLF.
std::string without_signature(const mail::HeaderField& field);

}  // namespace mailreeve::auth
