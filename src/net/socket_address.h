// SPDX-License-Identifier: Apache-2.0
// Endpoint <-> sockaddr. Private to net/.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "net/endpoint.h"

namespace mailreeve::net {

class SocketAddress {
 public:
  explicit SocketAddress(const Endpoint& endpoint);
  int family() const { return storage_.ss_family; }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

/// For a Unix socket: 127.0.0.1 with port 0.
Endpoint endpoint_of(const sockaddr_storage& storage);
Endpoint local_endpoint(int descriptor);

}  // namespace mailreeve::net
