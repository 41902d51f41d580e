// SPDX-License-Identifier: Apache-2.0
// Randomness as a service: ids and jitter ask a Random, so that tests can replay a seed.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>

namespace mailreeve {

/// Safe to call from any thread. Not for keys or secrets.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, bound); 0 when bound is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
};

/// Seeded from the operating system.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

/// The same numbers for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_{seed} {}
  std::uint64_t next() override {
    std::lock_guard lock{mutex_};
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace mailreeve
