// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace mailreeve {

struct Metrics::Impl {
  prometheus::Registry registry;  // locks by itself; a name seen again gives the family that is there
};

void Counter::add(double amount) const { counter_->Increment(amount); }
void Gauge::add(double amount) const { gauge_->Increment(amount); }
void Gauge::set(double value) const { gauge_->Set(value); }
double Gauge::value() const { return gauge_->Value(); }
void Histogram::observe(double value) const { histogram_->Observe(value); }

Metrics::Metrics() : impl_{std::make_unique<Impl>()} {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
  return Counter{family.Add(labels)};
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
  return Gauge{family.Add(labels)};
}

Histogram Metrics::histogram(const std::string& name, const std::string& help, std::vector<double> bounds,
                             const Labels& labels) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
  return Histogram{family.Add(labels, std::move(bounds))};
}

std::string Metrics::expose() const { return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect()); }

}  // namespace mailreeve
