// SPDX-License-Identifier: Apache-2.0
#include "base/health.h"

#include <tuple>

namespace mailreeve {
namespace {

constexpr std::size_t detail_limit = 300;

}  // namespace

std::string_view name(HealthState state) {
  constexpr std::string_view words[] = {"ok", "warning", "failing", "off", "unknown"};
  return words[static_cast<std::size_t>(state)];
}

void HealthItem::become(HealthState state, std::string_view detail) {
  std::lock_guard lock{mutex_};
  if (state_.load(std::memory_order_relaxed) != state) since_ = clock_.now();
  detail_ = detail.substr(0, detail_limit);
  state_.store(state, std::memory_order_relaxed);
  if (gauge_) gauge_->set(state == HealthState::ok ? 1 : 0);
}

HealthEntry HealthItem::entry() const {
  std::lock_guard lock{mutex_};
  return {name_, state_.load(std::memory_order_relaxed), detail_, since_};
}

HealthItem& HealthRegistry::item(const std::string& name) {
  std::lock_guard lock{mutex_};
  for (auto& [known, item] : items_) {
    if (known == name) return item;
  }
  std::optional<Gauge> gauge;
  if (metrics_ != nullptr) {
    gauge = metrics_->gauge("mailreeve_dependency_up", "What we depend on, by its last answers: 1 works, 0 fails",
                            {{"name", name}});
  }
  return items_
      .emplace_back(std::piecewise_construct, std::forward_as_tuple(name), std::forward_as_tuple(name, clock_, gauge))
      .second;
}

std::vector<HealthEntry> HealthRegistry::entries() const {
  std::lock_guard lock{mutex_};
  std::vector<HealthEntry> all;
  for (const auto& [name, item] : items_) all.push_back(item.entry());
  return all;
}

}  // namespace mailreeve
