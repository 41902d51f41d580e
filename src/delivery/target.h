// SPDX-License-Identifier: Apache-2.0
// Where a domain's mail goes: the `deliver` setting as a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mailreeve::delivery {

struct Target {
  enum class Kind { smtp, smtps, lmtp, lmtp_unix, maildir };
  Kind kind = Kind::smtp;
  std::string host;  // smtp, smtps, lmtp: a name or an address, without brackets
  std::uint16_t port = 25;
  std::string path;  // lmtp+unix: the socket; maildir: "/path/{user}", with {user}, {domain}, {address}

  /// "smtp://10.0.0.25:25", "smtps://host:465", "lmtp://host:24", "lmtp+unix:///run/lmtp",
  /// "maildir:///var/mail/{user}". The path of a socket or Maildir may be relative ("maildir://var/mail/{user}"): seen
  /// from the working directory.
  static Result<Target> parse(std::string_view text);
  std::string text() const;
  bool is_lmtp() const { return kind == Kind::lmtp || kind == Kind::lmtp_unix; }
  bool operator==(const Target&) const = default;
};

}  // namespace mailreeve::delivery
