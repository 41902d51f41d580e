// SPDX-License-Identifier: Apache-2.0
// What is known of a client and its message: filled by the session and by checks, read by checks, kept in history.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/arc.h"
#include "auth/dkim.h"
#include "auth/dmarc.h"
#include "auth/spf.h"
#include "base/ip.h"
#include "mail/address.h"
#include "mail/body.h"
#include "scan/report.h"

namespace mailreeve::judge {

/// What reverse DNS said (filled by the check `rdns`).
struct ClientName {
  bool asked = false;
  dns::Status status = dns::Status::no_name;
  std::vector<std::string> names;  // what the address claims, at most 10
  std::string confirmed;           // the first of them that leads back; empty if none does
};

/// Of one session.
struct SessionFacts {
  IpAddress client;
  std::uint16_t port = 0;
  std::string listener = "mx";
  std::string helo;
  bool extended = false;      // EHLO
  std::string tls;            // "TLSv1.3"; empty in clear
  bool early_talker = false;  // spoke before our greeting
  ClientName name;
};

/// Of one transaction. Written on one loop's thread only.
struct Facts {
  std::shared_ptr<SessionFacts> session = std::make_shared<SessionFacts>();
  mail::ReversePath sender;
  std::vector<mail::Mailbox> recipients;  // accepted ones, as delivered
  unsigned refused_recipients = 0;
  std::uint64_t size = 0;                              // octets
  std::shared_ptr<const auth::MessageDigest> message;  // from Stage::message on
  auth::Authors authors;                               // from Stage::message on

  std::shared_ptr<const mail::Body> body;  // from Stage::message on; null where only the header is known

  // filled by the checks of these names
  std::optional<auth::SpfOutcome> spf_helo, spf;
  auth::Implied implied = auth::Implied::not_asked;
  std::vector<auth::DkimSignature> dkim;
  bool dkim_looked_at = false;  // so that none can be told from not asked
  std::optional<auth::ArcOutcome> arc;
  std::optional<auth::DmarcOutcome> dmarc;
  std::shared_ptr<const scan::ContentReport> content;  // null: not looked at
  /// Something that must look at every message could not: its sender is told to come back (design, "when something
  /// fails"), unless the message is refused anyway. A finding's code and what was wrong.
  struct Unexamined {
    std::string code, evidence;
  };
  std::optional<Unexamined> unexamined;

  const std::string& helo() const { return session->helo; }
  IpAddress client() const { return session->client; }
  /// Domains that SPF (of MAIL FROM) or a DKIM signature proves, lower case, different ones.
  std::vector<std::string> proven_domains() const;
};

}  // namespace mailreeve::judge
