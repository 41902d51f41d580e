// SPDX-License-Identifier: Apache-2.0
// A message of our own: text and the same as HTML (RFC 5322, RFC 2045, RFC 2046 5.1.4, RFC 2047).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/address.h"

namespace mailreeve::mail {

struct NoticeFile {
  std::string name;  // US-ASCII without quotes
  std::string type;  // "application/zip"
  std::string bytes;
};

struct Notice {
  Mailbox from;
  std::string from_name;  // UTF-8, may be empty
  Mailbox to;
  std::string subject;  // UTF-8, one line
  std::string text;     // UTF-8, lines end in LF
  std::string html;     // a whole document; empty: text alone
  std::string id;       // left of the @ in Message-ID: letters, digits, dots
  std::string host;     // right of it
  WallTime date;
  std::optional<NoticeFile> attached = {};
};

/// Lines end in CRLF and are at most 78 octets, but for addresses; bodies are quoted-printable. Marked as sent by a
/// program (RFC 3834 5), so that nobody's vacation notice answers.
std::string compose(const Notice& notice);

/// The value of an unstructured field, in encoded words where it must be (RFC 2047 2: at most 75 octets each), folded.
std::string encode_unstructured(std::string_view utf8);
/// RFC 2045 6.7. Line ends of `text` are LF.
std::string quoted_printable(std::string_view text);

}  // namespace mailreeve::mail
