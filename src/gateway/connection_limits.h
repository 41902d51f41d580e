// SPDX-License-Identifier: Apache-2.0
// Who is connected, counted by network: the answer to "too many, and from where?".
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "base/ip.h"
#include "gateway/options.h"

namespace mailreeve::gateway {

class ConnectionLimits {
 public:
  enum class Refusal { total, per_address };

  /// Counts one connection for as long as it lives.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(ConnectionLimits& limits, IpNetwork network) : limits_{&limits}, network_{network} {}
    Ticket(Ticket&& other) noexcept : limits_{std::exchange(other.limits_, nullptr)}, network_{other.network_} {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(limits_, other.limits_);
      std::swap(network_, other.network_);
      return *this;
    }
    ~Ticket() {
      if (limits_ != nullptr) limits_->leave(network_);
    }

   private:
    ConnectionLimits* limits_ = nullptr;
    IpNetwork network_{IpAddress{}, 0};
  };

  /// `exempt`: held to the total only (relay networks, [limits] unlimited).
  std::expected<Ticket, Refusal> enter(const IpAddress& client, bool exempt, const LimitOptions& limits);
  std::size_t total() const;

 private:
  void leave(const IpNetwork& network);
  mutable std::mutex mutex_;
  std::map<IpNetwork, std::size_t> by_network_;
  std::size_t total_ = 0;
};

}  // namespace mailreeve::gateway
