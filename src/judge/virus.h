// SPDX-License-Identifier: Apache-2.0
// Asking an anti-virus engine; implemented in delivery/, which knows sockets.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/spawner.h"
#include "base/task.h"
#include "mail/body.h"

namespace mailreeve::judge {

/// Where an engine listens, and what it speaks.
struct VirusEngineAddress {
  enum class Protocol : std::uint8_t { clamd, icap };
  Protocol protocol = Protocol::clamd;
  std::string path;  // of a local socket; else address and port
  IpAddress address;
  std::uint16_t port = 0;
  std::string service;  // ICAP: "/avscan"
  std::string text;     // as it was written
  bool operator==(const VirusEngineAddress&) const = default;
};
struct VirusOptions {
  std::vector<VirusEngineAddress> engines;       // each is asked; none: nobody is
  bool accept_when_down = false;                 // when-down: let the message in, marked `virus.unchecked`
  std::chrono::milliseconds time_limit{15'000};  // of one message (reliability.md D02)
};

struct VirusAnswer {
  enum class Kind : std::uint8_t { clean, found, too_large, unknown };  // too_large: for the engine's own limit
  Kind kind = Kind::unknown;
  std::string name;  // of what was found
  std::string why;   // nobody knows
};

class VirusScanner {
 public:
  virtual ~VirusScanner() = default;
  /// `where`: what the waiting coroutine runs on.
  virtual Task<VirusAnswer> look(Spawner& where, VirusEngineAddress engine, std::shared_ptr<const mail::Body> body,
                                 std::chrono::milliseconds time_limit) = 0;
};

}  // namespace mailreeve::judge
