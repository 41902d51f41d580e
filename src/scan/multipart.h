// SPDX-License-Identifier: Apache-2.0
// A multipart's body cut at its boundary (RFC 2046 5.1.1).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct Parts {
  std::vector<std::string_view> bodies;
  std::vector<std::string_view> behind_the_end;  // parts that follow the closing boundary, and text between them
  std::string_view preamble, epilogue;           // before the first boundary; behind the last one, if it closes
  bool closed = false;
  bool bare_cr = false;  // behind a boundary, with more on its line
};

enum class Strictness : std::uint8_t {
  whole_line,  // the line holds the boundary, perhaps "--", and white space alone
  beginning,   // to some programs a line that begins so is enough
};

/// `left`: boundaries that may still be looked at, of the whole message.
Parts split_multipart(std::string_view body, std::string_view boundary, Strictness strictness, std::size_t& left);

}  // namespace mailreeve::scan
