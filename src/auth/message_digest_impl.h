// SPDX-License-Identifier: Apache-2.0
// Private to auth/.
#pragma once

#include <map>

#include "auth/message_digest.h"
#include "auth/signature.h"

namespace mailreeve::auth {

struct MessageDigest::Impl {
  explicit Impl(Limits given) : limits{given} {}

  Limits limits;
  std::string header_bytes;
  bool header_complete = false;
  bool header_too_big = false;
  bool finished = false;
  mail::Header header;
  std::vector<Signature> dkim;          // top to bottom
  std::size_t dkim_fields = 0;          // all of them
  std::vector<Signature> arc_messages;  // ARC-Message-Signature
  /// How a body is hashed for a signature.
  struct BodyKey {
    Canonical canonical;
    HashAlgorithm hash;
    std::optional<std::uint64_t> limit;
    auto operator<=>(const BodyKey&) const = default;
  };
  std::map<BodyKey, BodyHasher> hashers;
  struct BodyResult {
    std::string hash;
    std::uint64_t length = 0;
  };
  std::map<BodyKey, BodyResult> bodies;

  static BodyKey key_of(const Signature& signature) { return {signature.body, signature.hash, signature.length}; }
  void end_header();
  void want_body(const Signature& signature);
  void feed_body(std::string_view bytes) {
    for (auto& [key, hasher] : hashers) hasher.feed(bytes);
  }
  const BodyResult* body(const Signature& signature) const {
    const auto found = bodies.find(key_of(signature));
    return found == bodies.end() ? nullptr : &found->second;
  }
};

/// Compares bh= with the body; what is wrong, or nothing. `partial`: l= left some uncovered.
std::optional<std::string> body_problem(const MessageDigest::Impl& message, const Signature& signature, bool& partial);

}  // namespace mailreeve::auth
