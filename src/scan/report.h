// SPDX-License-Identifier: Apache-2.0
// What taking a message apart brought to light: facts, without weight or verdict. Everything in it is bounded, and text
// in it is UTF-8 (see clean_text) whatever the message said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/language.h"

namespace mailreeve::scan {

/// Where something stands: parts by number as IMAP has them (RFC 9051 6.4.5), members of archives behind "!":
/// "2", "1.2!reports.zip!run.exe".
using Place = std::string;

/// Something noticed. `code` is that of a finding: "mime.ambiguous", "scan.limit.depth", "attachment.double-extension".
struct Note {
  std::string code;
  Place place;
  std::string text;  // for people, one line, at most 300 octets
  bool operator==(const Note&) const = default;
};

/// A leaf of the message, or a member of an archive in it.
struct Item {
  Place place;
  std::vector<std::string> names;  // every name that some reader would show; the first one is for people
  std::string declared;            // media type, lower case: "application/pdf"; empty in archives
  std::string type;                // by its content, see file_type.h: "pdf", "exe"; empty: unknown
  std::uint64_t size = 0;          // octets, decoded or unpacked, as far as read
  std::uint32_t depth = 0;         // containers around it
  bool offered = false;            // as a file: it has a name, or says that it is an attachment
  bool encrypted = false;
  std::string sha256;  // of its octets, in hex; empty when it was not read, or is beyond the first hundred
  std::vector<std::string> categories;  // of [checks.attachment] block: "executable", "script", ...
  bool operator==(const Item&) const = default;
};

struct Link {
  enum class Kind : std::uint8_t { text, anchor, form, image, refresh, base, other, qr };  // qr: a code in a picture
  Kind kind = Kind::text;
  std::string url;    // absolute, as it would be opened; at most 2,000 octets
  std::string host;   // lower case A-labels; empty when it has none
  std::string shown;  // what the reader sees as its text, at most 200 octets
  Place place;
  bool operator==(const Link&) const = default;
};

/// A person in From, Sender or Reply-To, encoded words decoded.
struct Person {
  std::string display, address;
  bool operator==(const Person&) const = default;
};

struct ContentReport {
  std::vector<Note> notes;
  std::vector<Item> items;
  std::vector<Link> links;
  std::uint32_t link_count = 0;  // all, those beyond the limit too
  std::string subject;
  std::vector<Person> from, reply_to;
  std::vector<Language> languages;  // of the text, most first
  std::string text;                 // the beginning of what people read (see readable_text); for words and languages

  bool operator==(const ContentReport&) const = default;
};

/// `text` as UTF-8 on one line: control characters and what is no UTF-8 become U+FFFD, cut at `most` octets.
std::string clean_text(std::string_view text, std::size_t most);

/// The same with its lines, ending in LF, and tabs.
std::string clean_lines(std::string_view text, std::size_t most);

/// The same as a reader takes it in, for looking for words: runs of white space of any kind are one blank, and
/// characters that nobody sees (soft hyphens, zero-width ones, marks of direction) are gone.
std::string readable_text(std::string_view text, std::size_t most);

}  // namespace mailreeve::scan
