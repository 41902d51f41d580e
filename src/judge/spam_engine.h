// SPDX-License-Identifier: Apache-2.0
// Asking another spam filter for its opinion; implemented in delivery/, which knows sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/spawner.h"
#include "base/task.h"
#include "mail/address.h"
#include "mail/body.h"

namespace mailreeve::judge {

enum class SpamProtocol : std::uint8_t { rspamd, spamd };

/// One engine: where it listens, and what its opinion is worth.
struct SpamEngineOptions {
  SpamEngineOptions(double weight_of_a_point, std::uint64_t largest) : weight{weight_of_a_point}, most_bytes{largest} {}
  std::string text;  // where, as it was written; empty: nobody is asked
  std::string path;  // of a local socket; else address and port
  IpAddress address;
  std::uint16_t port = 0;
  std::string password;  // Rspamd: of the header Password
  std::string user;      // spamd: whose preferences
  std::chrono::milliseconds time_limit{10'000};
  double weight;             // of ours for one point of theirs
  std::uint64_t most_bytes;  // larger messages are not sent
};

/// What an engine is told of a message beside its octets. Texts from outside: whoever writes them on a line cleans
/// them.
struct SpamQuestion {
  IpAddress client;
  std::string helo;
  std::string client_name;  // confirmed by DNS; may be empty
  std::string own_name;     // of the host that received it
  std::string tls;          // "TLSv1.3"; empty in clear
  mail::ReversePath sender;
  std::vector<mail::Mailbox> recipients;
  std::shared_ptr<const mail::Body> body;
};

struct SpamSymbol {
  std::string name;
  double score = 0;
};

struct SpamAnswer {
  bool is_known = false;  // false: `why` says what was wrong, and nothing else counts
  double score = 0;       // theirs; finite
  double threshold = 0;   // from which it is spam to them
  std::string action;     // what they would do: "add header"; printable, at most 40 octets; may be empty
  std::vector<SpamSymbol> symbols;
  std::string why;
};

class SpamEngines {
 public:
  virtual ~SpamEngines() = default;
  /// `where`: what the waiting coroutine runs on. Answers within the engine's time limit.
  virtual Task<SpamAnswer> ask(Spawner& where, SpamProtocol protocol, SpamEngineOptions engine,
                               SpamQuestion question) = 0;
};

}  // namespace mailreeve::judge
