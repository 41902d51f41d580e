// SPDX-License-Identifier: Apache-2.0
// A message's parts as spans of its octets (RFC 2045, 2046). Nothing is decoded but what holds more parts. Where mail
// programs differ, every reading is there, with a note `mime.ambiguous`: whoever looks at all entities has looked at
// whatever any of them shows.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "scan/limits.h"
#include "scan/notes.h"
#include "scan/transfer.h"

namespace mailreeve::scan {

struct Entity {
  Place place;  // "" for the message itself, "1", "2.1"
  unsigned depth = 0;
  std::string_view header;         // with its final line end, without the empty line
  std::string_view body;           // still encoded
  std::string media_type;          // lower case; "text/plain" where none is given (RFC 2045 5.2)
  bool typed = false;              // a Content-Type that can be read is there
  std::string charset;             // lower case; empty if none
  std::vector<std::string> names;  // every reading, of Content-Disposition and Content-Type, in UTF-8
  std::vector<Coding> codings;     // every reading; the first is the RFC's
  bool is_leaf = true;
  bool shown = true;           // false: before the first or behind the last boundary
  bool is_attachment = false;  // Content-Disposition says so
};

struct Structure {
  std::vector<Entity> entities;     // parents before children
  std::deque<std::string> decoded;  // what had to be decoded to find parts: entities point into it
};

/// What the octets are: a message, or a part taken out of something (RFC 8551 3.1), which has no MIME-Version and
/// stands at `within` itself.
enum class Root : std::uint8_t { message, part };

/// `message`: header and body, lines ending in CRLF or LF. `depth`: containers around it already. The views point into
/// `message` and into the Structure.
Structure read_structure(std::string_view message, const Limits& limits, Notes& notes, unsigned depth = 0,
                         const Place& within = {}, Root root = Root::message);

}  // namespace mailreeve::scan
