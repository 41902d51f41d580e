// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/gauges.h"

namespace mailreeve::store::sqlite {

Gauges::Gauges(Metrics& metrics)
    : writing{metrics}, messages_{metrics.gauge("mailreeve_queue_messages", "Messages in the queue.")} {
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
