// SPDX-License-Identifier: Apache-2.0
// Trace fields: writing our Received line, and counting others' to find loops (RFC 5321 4.4, 6.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"

namespace mailreeve::mail {

/// What a Received field tells. Everything that came from the peer is checked by its parser before it gets here.
struct ReceivedFacts {
  std::string helo;  // as the client gave it; may be empty if it gave none
  IpAddress client;
  std::string server_name;  // our host name
  std::string protocol;     // SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP, UTF8SMTPS ... (RFC 3848, RFC 6531 4.3)
  std::string tls_version;  // "TLSv1.3"; empty without TLS
  std::string tls_cipher;   // "TLS_AES_256_GCM_SHA384"
  int tls_bits = 0;
  std::string id;                        // our message id
  std::optional<std::string> recipient;  // only when there is exactly one: others must stay hidden (RFC 5321 7.2)
  WallTime time;
};

/// The field with its final CRLF, folded so that no line is over 78 octets where words allow it.
std::string received_field(const ReceivedFacts& facts);

/// Reads a header as its bytes pass by, in whatever pieces, and counts Received fields. Bounded memory.
class LoopDetector {
 public:
  /// `own_name`: our host name; a Received field counts as ours when its `by` clause names it.
  explicit LoopDetector(std::string own_name);
  void feed(std::string_view bytes);
  unsigned received_fields() const { return received_; }
  unsigned own_fields() const { return own_; }
  bool in_header() const { return in_header_; }

 private:
  void end_line();
  std::string own_name_;
  std::string line_;  // the unfolded field so far, cut at line_limit
  bool in_header_ = true;
  bool at_line_start_ = true;
  unsigned received_ = 0;
  unsigned own_ = 0;
};

}  // namespace mailreeve::mail
