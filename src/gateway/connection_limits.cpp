// SPDX-License-Identifier: Apache-2.0
#include "gateway/connection_limits.h"

namespace mailreeve::gateway {

std::expected<ConnectionLimits::Ticket, ConnectionLimits::Refusal> ConnectionLimits::enter(const IpAddress& client,
                                                                                           bool exempt,
                                                                                           const LimitOptions& limits) {
  const auto network = counting_network(client);
  std::lock_guard lock{mutex_};
  if (total_ >= limits.connections) return std::unexpected(Refusal::total);
  auto& count = by_network_[network];
  if (!exempt && count >= limits.connections_per_address) return std::unexpected(Refusal::per_address);
  ++count;
  ++total_;
  return Ticket{*this, network};
}

void ConnectionLimits::leave(const IpNetwork& network) {
  std::lock_guard lock{mutex_};
  --total_;
  const auto found = by_network_.find(network);
  if (found != by_network_.end() && --found->second == 0) by_network_.erase(found);
}

std::size_t ConnectionLimits::total() const {
  std::lock_guard lock{mutex_};
  return total_;
}

}  // namespace mailreeve::gateway
