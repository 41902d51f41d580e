// SPDX-License-Identifier: Apache-2.0
// Mail addresses as the envelope carries them (RFC 5321 4.1.2, RFC 6531 3.3, RFC 6532).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ip.h"

namespace mailreeve::mail {

/// A domain name or address literal, made only by its parser: holding one proves that the syntax is right.
/// Names are kept in lower case as A-labels (U-labels are converted by IDNA 2008, STD3 rules), without a final dot.
class Domain {
 public:
  static Result<Domain> parse(std::string_view text);
  /// "example.org", or "[192.0.2.1]" / "[IPv6:2001:db8::1]" for a literal.
  const std::string& text() const { return text_; }
  bool is_literal() const { return literal_.has_value(); }
  const std::optional<IpAddress>& literal() const { return literal_; }
  auto operator<=>(const Domain& other) const { return text_ <=> other.text_; }
  bool operator==(const Domain& other) const { return text_ == other.text_; }

 private:
  std::string text_;
  std::optional<IpAddress> literal_;
};

/// Whether non-ASCII UTF-8 may stand in a local part: only when the client said SMTPUTF8.
enum class Utf8 { refuse, allow };

/// A mailbox: local part and domain. RFC 5321 4.5.3.1: local part at most 64 octets, domain 255, path 256.
class Mailbox {
 public:
  /// "user@example.org", "\"a b\"@example.org", "user@[192.0.2.1]". No angle brackets, no source route, no comments.
  static Result<Mailbox> parse(std::string_view text, Utf8 utf8 = Utf8::refuse);
  /// The local part unquoted: `"a b"@x` gives `a b`. Case is kept (RFC 5321 2.4).
  const std::string& local() const { return local_; }
  const Domain& domain() const { return domain_; }
  /// As it goes on the wire: quoted where it must be, domain in A-labels.
  std::string text() const;
  /// True when the local part holds a byte above 127, so that only an SMTPUTF8 server may be given it.
  bool needs_utf8() const;
  /// The same local part under another domain.
  Mailbox with_domain(Domain domain) const {
    auto moved = *this;
    moved.domain_ = std::move(domain);
    return moved;
  }
  bool operator==(const Mailbox&) const = default;

 private:
  std::string local_;
  Domain domain_;
};

/// What stood between < and > in MAIL: a mailbox, or nothing for the null reverse-path <>.
using ReversePath = std::optional<Mailbox>;

/// A forward-path. `<Postmaster>` without a domain is allowed at RCPT alone (RFC 5321 4.1.1.3): `mailbox` is empty
/// then. A source route is recorded but never followed; the gateway refuses those (RFC 5321 appendix C allows either).
struct ForwardPath {
  std::optional<Mailbox> mailbox;
  bool has_source_route = false;
  bool is_bare_postmaster() const { return !mailbox; }
};

}  // namespace mailreeve::mail
