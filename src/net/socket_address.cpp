// SPDX-License-Identifier: Apache-2.0
#include "net/socket_address.h"

#include <arpa/inet.h>

#include <cstring>

namespace mailreeve::net {

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.data(), 4);
    std::memcpy(&storage_, &v4, sizeof v4);
    size_ = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.data(), 16);
    std::memcpy(&storage_, &v6, sizeof v6);
    size_ = sizeof v6;
  }
}

Endpoint endpoint_of(const sockaddr_storage& storage) {
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    endpoint.address = IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), 4);
    endpoint.port = ntohs(v4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    endpoint.address = IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), 16);
    endpoint.port = ntohs(v6.sin6_port);
  } else {
    endpoint.address = IpAddress::v4(INADDR_LOOPBACK);
  }
  return endpoint;
}

Endpoint local_endpoint(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
  return endpoint_of(storage);
}

}  // namespace mailreeve::net
