// SPDX-License-Identifier: Apache-2.0
// Are the DNS lists in order? Asks their test entries (RFC 5782 5), remembers refusals, and turns off what lists
// everything or nothing, with one alert to the operator each time a list's state changes.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "dns/resolver.h"
#include "judge/checks/options.h"

namespace mailreeve::judge {

enum class ListState : std::uint8_t {
  unknown,  // not asked yet: used
  good,
  silent,            // its test entry 127.0.0.2 is not listed: probably gone. Off
  lists_everything,  // 127.0.0.1 is listed: every answer is worthless. Off
  refused,           // 127.255.255.0/24: we may not ask it (open resolver, too much). Answers count for nothing
  failing,           // no answer, three times in a row. Used
};
std::string_view name(ListState state);

/// Safe from any loop.
class ListWatch {
 public:
  ListWatch(Logger& log, const Clock& clock);
  /// Whether answers of this zone count now.
  bool is_usable(const std::string& zone) const;
  ListState state(const std::string& zone) const;
  /// A refusal seen while asking about mail. Logged once until the list works again.
  void saw_refusal(const std::string& zone, std::string_view answer);
  /// Asks the test entries of each zone; for `of_domains` TEST and INVALID instead (RFC 5782 5).
  Task<void> examine(dns::Resolver& resolver, std::vector<std::string> zones, bool of_domains);
  std::vector<std::pair<std::string, ListState>> states() const;
  struct Report {
    std::string zone;
    ListState state = ListState::unknown;
    WallTime since;
    std::string detail;
  };
  std::vector<Report> reports() const;

 private:
  struct Entry {
    ListState state = ListState::unknown;
    WallTime since;
    std::string detail;
    unsigned failures = 0;  // in a row
  };
  /// Counts one; true when it is time to say so.
  bool is_failing_now(const std::string& zone);
  void become(const std::string& zone, ListState state, std::string detail);
  Logger& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace mailreeve::judge
