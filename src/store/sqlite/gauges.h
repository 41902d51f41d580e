// SPDX-License-Identifier: Apache-2.0
// What the store tells Prometheus, and the totals that `counts` answers from.
#pragma once

#include <mutex>
#include <vector>

#include "base/metrics.h"
#include "store/sqlite/group_writer.h"
#include "store/sqlite/tables.h"

namespace mailreeve::store::sqlite {

/// Safe to use from any thread.
class Gauges {
 public:
  explicit Gauges(Metrics& metrics);
  void set(const Totals& totals);
  void add(const Totals& delta);
  Totals totals() const;

  WriterMeters writing;

 private:
  void show();
  mutable std::mutex mutex_;
  Totals totals_;
  Gauge messages_;
  std::vector<Gauge> recipients_;
};

}  // namespace mailreeve::store::sqlite
