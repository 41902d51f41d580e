// SPDX-License-Identifier: Apache-2.0
// MAIL and RCPT as lines without CRLF, with the parameters that the server offered.
#pragma once

#include <cstdint>
#include <string>

#include "mail/envelope.h"

namespace mailreeve::smtp {

/// Which parameters may be used (RFC 1870, 6152, 6531, 3461).
struct Offered {
  bool size = false;
  bool eight_bit_mime = false;
  bool smtputf8 = false;  // offered, and needed by this message
  bool dsn = false;
};

std::string mail_command(const mail::Envelope& envelope, std::uint64_t size, const Offered& offered);
std::string recipient_command(const mail::EnvelopeRecipient& recipient, const Offered& offered);

}  // namespace mailreeve::smtp
