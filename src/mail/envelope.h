// SPDX-License-Identifier: Apache-2.0
// What SMTP says about a message besides its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mail/address.h"

namespace mailreeve::mail {

/// RFC 3461 4.1: which notices the sender wants for one recipient. `unset` is not `never`.
struct Notify {
  bool set = false;
  bool never = false;
  bool success = false;
  bool failure = false;
  bool delay = false;
  bool operator==(const Notify&) const = default;
};

enum class Ret : std::uint8_t { unset, full, headers };       // RFC 3461 4.3
enum class BodyType : std::uint8_t { seven_bit, eight_bit };  // RFC 6152; BINARYMIME is not offered

struct EnvelopeRecipient {
  Mailbox address;
  Notify notify;
  std::string orcpt;  // "rfc822;user+40example.org", still in xtext; empty if not given
  bool operator==(const EnvelopeRecipient&) const = default;
};

struct Envelope {
  ReversePath sender;
  std::vector<EnvelopeRecipient> recipients;
  BodyType body_type = BodyType::seven_bit;
  bool smtputf8 = false;
  Ret ret = Ret::unset;
  std::string envid;  // still in xtext; empty if not given
};

}  // namespace mailreeve::mail
