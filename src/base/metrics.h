// SPDX-License-Identifier: Apache-2.0
// Counters for Prometheus. A handle is looked up once and kept; adding to it is a few nanoseconds from any thread.
// Names follow Prometheus: mailreeve_<what>_<unit>, counters end in _total, times are seconds, sizes are bytes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace mailreeve {

class Counter {
 public:
  explicit Counter(prometheus::Counter& counter) : counter_{&counter} {}
  void add(double amount = 1.0) const;

 private:
  prometheus::Counter* counter_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& gauge) : gauge_{&gauge} {}
  void add(double amount = 1.0) const;
  void set(double value) const;
  double value() const;

 private:
  prometheus::Gauge* gauge_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram& histogram) : histogram_{&histogram} {}
  void observe(double value) const;

 private:
  prometheus::Histogram* histogram_;
};

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  /// The same name and labels give the same counter.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  /// `bounds`: upper bounds of the buckets, ascending.
  Histogram histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                      const Labels& labels = {});
  /// Everything, in Prometheus' text form 0.0.4.
  std::string expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailreeve
