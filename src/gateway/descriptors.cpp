// SPDX-License-Identifier: Apache-2.0
#include "gateway/descriptors.h"

#include <sys/resource.h>

namespace mailreeve::gateway {
namespace {

constexpr std::size_t for_the_rest = 500;  // connections to internal servers, files, the store, epoll

}  // namespace

std::size_t raise_descriptor_limit(std::size_t connections, Logger& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  // A refusal leaves the old limit, which the warning below then speaks of.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < connections + for_the_rest) {
    log.warning("few descriptors", {{"limit", limit.rlim_cur},
                                    {"connections", connections},
                                    {"advice", "raise LimitNOFILE of the service, or lower limits.connections"}});
  }
  return limit.rlim_cur;
}

}  // namespace mailreeve::gateway
