// SPDX-License-Identifier: Apache-2.0
// Asking another mail server whether it takes mail; implemented in delivery/, which speaks SMTP.
#pragma once

#include <chrono>
#include <string>

#include "base/ip.h"
#include "base/task.h"
#include "mail/address.h"

namespace mailreeve::judge {

struct ProbeAnswer {
  enum class Kind : std::uint8_t {
    accepted,     // 2xx to RCPT (or to the connection, where only that was asked)
    refused,      // 5xx to RCPT
    temporary,    // 4xx, at whatever command
    blocked,      // 5xx to the connection, EHLO or MAIL: about us, not about the address
    unreachable,  // refused or no route
    timeout,
  };
  Kind kind = Kind::unreachable;
  std::string reply;  // what it said, one line; or why not
};

/// One connection a probe, QUIT at the end, never DATA. Safe from any loop.
class Prober {
 public:
  virtual ~Prober() = default;
  /// EHLO, MAIL FROM:<sender> (null where empty), RCPT TO:<address>, at this server.
  virtual Task<ProbeAnswer> recipient(IpAddress server, std::uint16_t port, mail::ReversePath sender,
                                      mail::Mailbox address, std::chrono::milliseconds time_limit) = 0;
  /// Waits for the greeting and says QUIT.
  virtual Task<ProbeAnswer> greeting(IpAddress server, std::uint16_t port, std::chrono::milliseconds time_limit) = 0;
};

}  // namespace mailreeve::judge
