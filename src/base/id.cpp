// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <algorithm>

namespace mailreeve {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_length = 26;  // 130 bits: the first character holds 3 bits only

}  // namespace

MessageId MessageId::make(WallTime now, Random& random) {
  MessageId id;
  const auto millis = static_cast<std::uint64_t>(to_millis(now));
  for (std::size_t i = 0; i < 6; ++i) id.bytes_[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  const auto high = random.next();
  const auto low = random.next();
  for (std::size_t i = 0; i < 8; ++i) id.bytes_[6 + i] = static_cast<std::uint8_t>(high >> (8 * i));
  for (std::size_t i = 0; i < 2; ++i) id.bytes_[14 + i] = static_cast<std::uint8_t>(low >> (8 * i));
  return id;
}

std::string MessageId::text() const {
  std::string out(text_length, '0');
  // Read the 128 bits from the right, five at a time.
  unsigned pending = 0;
  unsigned bits = 0;
  std::size_t at = text_length;
  for (std::size_t i = bytes_.size(); i-- > 0;) {
    pending |= static_cast<unsigned>(bytes_[i]) << bits;
    bits += 8;
    while (bits >= 5) {
      out[--at] = alphabet[pending & 31];
      pending >>= 5;
      bits -= 5;
    }
  }
  out[--at] = alphabet[pending & 31];
  return out;
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  if (text.size() != text_length) return std::nullopt;
  MessageId id;
  unsigned pending = 0;
  unsigned bits = 0;
  std::size_t byte = id.bytes_.size();
  for (std::size_t i = text_length; i-- > 0;) {
    const char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    pending |= static_cast<unsigned>(value) << bits;
    bits += 5;
    if (bits >= 8 && byte > 0) {
      id.bytes_[--byte] = static_cast<std::uint8_t>(pending);
      pending >>= 8;
      bits -= 8;
    }
  }
  if (pending != 0) return std::nullopt;  // more than 128 bits
  return id;
}

std::optional<MessageId> MessageId::from_bytes(std::string_view sixteen) {
  MessageId id;
  if (sixteen.size() != id.bytes_.size()) return std::nullopt;
  std::ranges::copy(sixteen, id.bytes_.begin());
  return id;
}

}  // namespace mailreeve
