// SPDX-License-Identifier: Apache-2.0
// Reads a server's replies from bytes (RFC 5321 4.2), in whatever pieces they come.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "smtp/reply.h"

namespace mailreeve::smtp {

/// Strict about what decides (codes, their agreement across lines, sizes), lenient about the rest.
/// Lenient: a line may end in LF alone. Control octets in the text become '?', so that no reply can forge a log line.
class ReplyReader {
 public:
  static constexpr std::size_t line_limit = 4096;  // octets without the line end; RFC 5321 4.5.3.1.5 says 512

  /// `reply_limit`: octets of one whole reply.
  explicit ReplyReader(std::size_t reply_limit) : reply_limit_{reply_limit} {}
  /// Takes octets from the front of `bytes` up to the end of one reply. No value: more octets are needed.
  /// An error is final: nobody knows any more where replies begin.
  Result<std::optional<Reply>> read(std::string_view& bytes);
  /// True when part of a reply was read.
  bool is_within_reply() const { return size_ != 0; }

 private:
  Result<bool> end_line();  // true: that was the last line

  std::size_t reply_limit_;
  std::size_t size_ = 0;  // octets of this reply so far
  std::string line_;
  Reply reply_;
};

}  // namespace mailreeve::smtp
