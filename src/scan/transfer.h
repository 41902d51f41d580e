// SPDX-License-Identifier: Apache-2.0
// Content-Transfer-Encoding undone, in every way in which some mail program undoes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

enum class Coding : std::uint8_t { identity, quoted_printable, base64, uuencode };

struct Readings {
  /// The first one is what the RFC, or else most programs, would read; others differ from it. At most eight.
  std::vector<std::string> bytes;
  bool odd = false;  // readers may differ here, or something was left out
};

/// RFC 2045 6.7 and 6.8, uuencode as POSIX has it. At most `most` octets a reading.
Readings decode(std::string_view text, Coding coding, std::size_t most);

/// A file in a text: "begin 644 NAME" and its lines.
struct UuFile {
  std::string name;
  std::string_view body;  // the lines between "begin" and "end"
};
/// At most 100.
std::vector<UuFile> find_uuencoded(std::string_view text);

}  // namespace mailreeve::scan
