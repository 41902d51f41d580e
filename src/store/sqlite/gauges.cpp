// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/gauges.h"

namespace mailreeve::store::sqlite {

Gauges::Gauges(Metrics& metrics)
    : commit_seconds{metrics.histogram("mailreeve_store_commit_seconds", "Time a group commit took, sync included.",
                                       {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30})},
      group_size{metrics.histogram("mailreeve_store_group_size", "Requests that shared one commit.",
                                   {1, 2, 4, 8, 16, 32, 64, 128, 256})},
      errors{metrics.counter("mailreeve_store_errors_total", "Store operations that failed: writes, syncs, damage.")},
      messages_{metrics.gauge("mailreeve_queue_messages", "Messages in the queue.")} {
  for (std::size_t i = 0; i < totals_.recipients.size(); ++i) {
    recipients_.push_back(metrics.gauge("mailreeve_queue_recipients", "Recipients in the queue, by state.",
                                        {{"state", std::string{name(static_cast<RecipientState>(i))}}}));
  }
}

void Gauges::set(const Totals& totals) {
  std::lock_guard lock{mutex_};
  totals_ = totals;
  show();
}

void Gauges::add(const Totals& delta) {
  std::lock_guard lock{mutex_};
  totals_.add(delta);
  show();
}

Totals Gauges::totals() const {
  std::lock_guard lock{mutex_};
  return totals_;
}

void Gauges::show() {
  messages_.set(static_cast<double>(totals_.messages));
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    recipients_[i].set(static_cast<double>(totals_.recipients[i]));
  }
}

}  // namespace mailreeve::store::sqlite
