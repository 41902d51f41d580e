// SPDX-License-Identifier: Apache-2.0
// Time as a service: logic asks a Clock, so that tests can move it.
#pragma once

#include <chrono>
#include <cstdint>

namespace mailreeve {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;  // what people and records read
using SteadyTime = std::chrono::steady_clock::time_point;           // what deadlines are made of

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

/// Milliseconds since 1970, the form in which the store keeps times.
inline std::int64_t to_millis(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime from_millis(std::int64_t millis) { return WallTime{std::chrono::milliseconds{millis}}; }

}  // namespace mailreeve
