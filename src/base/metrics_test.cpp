// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <gmock/gmock.h>

namespace mailreeve {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, AreExposedAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.counter("mailreeve_messages_total", "Messages.", {{"outcome", "accepted"}}).add();
  metrics.counter("mailreeve_messages_total", "Messages.", {{"outcome", "accepted"}}).add(2);
  metrics.counter("mailreeve_messages_total", "Messages.", {{"outcome", "a\"b\nc"}}).add();
  auto gauge = metrics.gauge("mailreeve_sessions", "Open sessions.");
  gauge.add(3);
  gauge.add(-1);
  EXPECT_EQ(gauge.value(), 2);
  metrics.histogram("mailreeve_accept_seconds", "Time.", {0.1, 1}).observe(0.5);
  const auto text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("# TYPE mailreeve_messages_total counter\n"));
  EXPECT_THAT(text, HasSubstr("mailreeve_messages_total{outcome=\"accepted\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("outcome=\"a\\\"b\\nc\""));
  EXPECT_THAT(text, HasSubstr("mailreeve_sessions 2\n"));
  EXPECT_THAT(text, HasSubstr("mailreeve_accept_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("mailreeve_accept_seconds_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mailreeve_accept_seconds_count 1\n"));
}

}  // namespace
}  // namespace mailreeve
