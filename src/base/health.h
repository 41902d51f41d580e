// SPDX-License-Identifier: Apache-2.0
// What the gateway knows of what it depends on, from using it: DNS, engines, directories, stores.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"

namespace mailreeve {

enum class HealthState : std::uint8_t { ok, warning, failing, off, unknown };
std::string_view name(HealthState state);

struct HealthEntry {
  std::string name;  // as people call it: "dns", "clamd 127.0.0.1:3310"
  HealthState state = HealthState::unknown;
  std::string detail;  // why, and what to do; empty while all is well
  std::optional<WallTime> since = {};
};

/// One dependency. Safe from any thread; while nothing changes, saying that it works is one atomic load.
class HealthItem {
 public:
  HealthItem(std::string name, const Clock& clock, std::optional<Gauge> gauge)
      : name_{std::move(name)}, clock_{clock}, gauge_{gauge} {}
  void works() {
    if (state_.load(std::memory_order_relaxed) != HealthState::ok) become(HealthState::ok, {});
  }
  /// `since` stays while only the detail changes.
  void fails(std::string_view detail, HealthState state = HealthState::failing) { become(state, detail); }
  HealthEntry entry() const;

 private:
  void become(HealthState state, std::string_view detail);

  const std::string name_;
  const Clock& clock_;
  const std::optional<Gauge> gauge_;
  std::atomic<HealthState> state_{HealthState::unknown};
  mutable std::mutex mutex_;
  std::string detail_;
  std::optional<WallTime> since_;
};

class HealthRegistry {
 public:
  /// With `metrics`, mailreeve_dependency_up{name} tells of each that was used: 1 works, 0 fails.
  explicit HealthRegistry(const Clock& clock, Metrics* metrics = nullptr) : clock_{clock}, metrics_{metrics} {}
  /// The same name gives the same item, which lives as long as the registry.
  HealthItem& item(const std::string& name);
  /// In the order in which they were named first.
  std::vector<HealthEntry> entries() const;

 private:
  const Clock& clock_;
  Metrics* metrics_;
  mutable std::mutex mutex_;
  std::deque<std::pair<std::string, HealthItem>> items_;
};

}  // namespace mailreeve
