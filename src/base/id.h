// SPDX-License-Identifier: Apache-2.0
// The name of a message, unique across machines.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace mailreeve {

/// 48 bits of milliseconds since 1970, then 80 random bits: sorts by age, and two machines never make the same one.
/// As text 26 characters of Crockford's base 32 (no I, L, O, U), in upper case; read in any case.
class MessageId {
 public:
  MessageId() = default;  // the nil id, which no message bears
  static MessageId make(WallTime now, Random& random);
  static std::optional<MessageId> parse(std::string_view text);
  static std::optional<MessageId> from_bytes(std::string_view sixteen);

  std::string text() const;
  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  bool is_nil() const { return *this == MessageId{}; }
  auto operator<=>(const MessageId&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace mailreeve
