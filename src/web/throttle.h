// SPDX-License-Identifier: Apache-2.0
// How often somebody may try: sign-ins wait longer with each failure; other things have so many a time.
//
// Three counts stand beside each other, so that guessing is slow from one place and from many, and yet nobody can lock
// somebody else out for good:
//   this account from this network   5 failures are free, then 1 s, 2 s, 4 s ... 15 min
//   any account from this network    20 are free, then the same
//   this account from anywhere       50 are free, then 1 s ... 60 s; not for networks it has signed in from (30 days)
// In memory alone: a restart forgives.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/ip.h"

namespace mailreeve::web {

class Throttle {
 public:
  explicit Throttle(const Clock& clock) : clock_{clock} {}
  /// How long to wait before trying; 0: try now, which counts as a failure until `succeeded`. `client` none: local.
  std::chrono::seconds attempt(const std::string& account, const std::optional<IpAddress>& client);
  void succeeded(const std::string& account, const std::optional<IpAddress>& client);

 private:
  struct Count {
    unsigned failures = 0;
    SteadyTime last;
  };
  struct Rule {
    unsigned free;
    std::chrono::seconds most;
  };
  std::chrono::seconds wait_of(const std::string& key, const Rule& rule) const;
  void add(const std::string& key, bool is_network);
  void make_room();

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Count> counts_;
  std::map<std::string, SteadyTime> known_;  // account and network -> signed in last
};

/// So many in a sliding time for each key.
class Ration {
 public:
  Ration(const Clock& clock, unsigned count, std::chrono::seconds window)
      : clock_{clock}, count_{count}, window_{window} {}
  /// Takes one, when there is one.
  bool take(const std::string& key);

 private:
  struct Taken {
    unsigned count = 0;
    SteadyTime since;
  };
  const Clock& clock_;
  unsigned count_;
  std::chrono::seconds window_;
  std::mutex mutex_;
  std::map<std::string, Taken> taken_;
};

/// By what a client is counted: an IPv4 address, an IPv6 /64; "local" without an address.
std::string network_key(const std::optional<IpAddress>& client);

}  // namespace mailreeve::web
