// SPDX-License-Identifier: Apache-2.0
// A message's bytes, wherever they lie.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mailreeve::mail {

/// Header and body as they will be delivered: lines end in CRLF, no dot-stuffing, no bare CR or LF (RFC 5321 2.3.8).
/// Immutable, safe to read from several threads.
class Body {
 public:
  virtual ~Body() = default;
  virtual std::uint64_t size() const = 0;  // bytes
  /// Calls of at most `chunk_size` bytes from `offset`; the view lives until the next call on `scratch`.
  /// Memory-backed bodies answer without copying. Empty at the end.
  virtual Result<std::string_view> read(std::uint64_t offset, std::string& scratch) const = 0;

  static constexpr std::size_t chunk_size = 256 * 1024;  // bytes: one row of the store
};

class MemoryBody final : public Body {
 public:
  explicit MemoryBody(std::string bytes) : bytes_{std::move(bytes)} {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::string_view> read(std::uint64_t offset, std::string&) const override {
    if (offset >= bytes_.size()) return std::string_view{};
    return std::string_view{bytes_}.substr(offset, chunk_size);
  }

 private:
  std::string bytes_;
};

/// The whole of a body in one string; for small ones and tests. Fails when larger than `limit` bytes.
Result<std::string> read_whole(const Body& body, std::uint64_t limit);

}  // namespace mailreeve::mail
