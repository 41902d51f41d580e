// SPDX-License-Identifier: Apache-2.0
// Links in digests: what one of them may do, for whom and until when, signed by us. Whoever has the link has the right,
// to that one act alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/id.h"

namespace mailreeve::gateway {

enum class LinkAction : std::uint8_t { release = 1, release_and_allow, ask, remove, remove_and_block };
/// As the API says it: "release", "release_and_allow", "ask", "delete", "delete_and_block".
std::string_view name(LinkAction action);

struct LinkClaims {
  LinkAction action = LinkAction::release;
  MessageId message;
  std::string address;      // of the recipient, in the message's envelope; at most 320 octets
  WallTime expires;         // whole seconds
  std::uint64_t nonce = 0;  // tells this link from any other
  bool operator==(const LinkClaims&) const = default;
};

class LinkKey {
 public:
  explicit LinkKey(std::array<std::uint8_t, 32> secret) : secret_{secret} {}
  /// Reads the key of `path`; makes one, mode 0600, where there is none.
  static Result<LinkKey> load(Files& files, const std::string& directory);

  /// Letters, digits, - and _ only; the claims, then HMAC-SHA256.
  std::string sign(const LinkClaims& claims) const;
  /// Nothing unless we signed it, octet by octet. Whether it has expired is for the caller to see.
  std::optional<LinkClaims> open(std::string_view token) const;

 private:
  std::array<std::uint8_t, 32> mac_of(std::string_view payload) const;
  std::array<std::uint8_t, 32> secret_;
};

/// For nonces: unpredictable.
std::uint64_t secure_random();

}  // namespace mailreeve::gateway
