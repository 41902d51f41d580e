// SPDX-License-Identifier: Apache-2.0
// [outbound]: how mail leaves us.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace mailreeve::delivery {

using std::chrono::seconds;

struct Options {
  std::string host_name;  // for EHLO
  std::vector<seconds> retry{seconds{300}, seconds{900}, seconds{1800}, seconds{3600}, seconds{7200}, seconds{14400}};
  // waits between attempts; the last one repeats; +-10% jitter
  seconds give_up{5 * 24 * 3600};  // RFC 5321 4.5.4.1: at least 4 to 5 days
  seconds warn_after{4 * 3600};    // read, used by the issue that writes notices
  unsigned connections = 10;       // per destination, over all loops
  unsigned messages_per_connection = 100;
  seconds connect_timeout{30};
  seconds idle_connection{30};     // how long a connection may wait for its next message
  seconds handover_patience{120};  // before-accept: how long the sender waits before we queue instead
};

}  // namespace mailreeve::delivery
