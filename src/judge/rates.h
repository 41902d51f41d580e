// SPDX-License-Identifier: Apache-2.0
// How many connections and messages an address may make in a time. In memory: a restart forgives.
#pragma once

#include <array>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "judge/checks/options.h"

namespace mailreeve::judge {

/// Safe from any loop. Counts by counting_network, in a sliding window made of the present and the one before.
class Rates {
 public:
  explicit Rates(const Clock& clock) : clock_{clock} {}
  /// Counts one more; false when it is one too many. A rate of 0 costs nothing.
  bool allow_connection(const IpAddress& client, const Rate& rate) { return allow(connections_, client, rate); }
  bool allow_message(const IpAddress& client, const Rate& rate) { return allow(messages_, client, rate); }

 private:
  static constexpr std::size_t limit = 100'000;  // addresses; when full the counts start again
  struct Window {
    std::int64_t number = 0;
    unsigned now = 0, before = 0;
  };
  struct Table {
    std::mutex mutex;
    std::map<IpNetwork, Window> windows;
  };
  bool allow(Table& table, const IpAddress& client, const Rate& rate);
  const Clock& clock_;
  Table connections_, messages_;
};

}  // namespace mailreeve::judge
