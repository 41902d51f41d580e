// SPDX-License-Identifier: Apache-2.0
#include "judge/rates.h"

namespace mailreeve::judge {

bool Rates::allow(Table& table, const IpAddress& client, const Rate& rate) {
  if (rate.count == 0) return true;
  using std::chrono::milliseconds;
  const auto length = std::chrono::duration_cast<milliseconds>(rate.window).count();
  const auto time = std::chrono::duration_cast<milliseconds>(clock_.steady().time_since_epoch()).count();
  const auto number = time / length;
  std::lock_guard lock{table.mutex};
  if (table.windows.size() >= limit) table.windows.clear();
  auto& window = table.windows[counting_network(client)];
  if (window.number != number) {
    window.before = window.number + 1 == number ? window.now : 0;
    window.now = 0;
    window.number = number;
  }
  // The window before counts for the part of it that still lies within the time.
  const auto rest = static_cast<double>(length - time % length) / static_cast<double>(length);
  if (static_cast<double>(window.before) * rest + window.now >= rate.count) return false;
  ++window.now;
  return true;
}

}  // namespace mailreeve::judge
