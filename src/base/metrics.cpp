// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <sstream>

namespace mailreeve {

void Counter::add(double amount) const { counter_->Increment(amount); }
void Gauge::add(double amount) const { gauge_->Increment(amount); }
void Gauge::set(double value) const { gauge_->Set(value); }
double Gauge::value() const { return gauge_->Value(); }
void Histogram::observe(double value) const { histogram_->Observe(value); }

struct Metrics::Impl {
  // The registry wants one help text a name; the first caller's counts.
  template <class Family, class Build>
  Family& family(std::map<std::string, Family*>& known, const std::string& name, const std::string& help, Build build) {
    std::lock_guard lock{mutex};
    auto& found = known[name];
    if (found == nullptr) found = &build().Name(name).Help(help).Register(registry);
    return *found;
  }

  std::mutex mutex;
  prometheus::Registry registry;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms;
};

Metrics::Metrics() : impl_{std::make_unique<Impl>()} {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return Counter{impl_->family(impl_->counters, name, help, &prometheus::BuildCounter).Add(labels)};
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge{impl_->family(impl_->gauges, name, help, &prometheus::BuildGauge).Add(labels)};
}

Histogram Metrics::histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                             const Labels& labels) {
  return Histogram{
      impl_->family(impl_->histograms, name, help, &prometheus::BuildHistogram).Add(labels, std::move(bounds))};
}

std::string Metrics::expose() const {
  const prometheus::TextSerializer serializer;
  std::ostringstream out;
  serializer.Serialize(out, impl_->registry.Collect());
  return out.str();
}

}  // namespace mailreeve
