// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

namespace mailreeve {

std::uint64_t SystemRandom::next() {
  thread_local std::mt19937_64 engine{[] {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
  }()};
  return engine();
}

}  // namespace mailreeve
