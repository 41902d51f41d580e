// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/loop.h"
#include "net/socket_address.h"

namespace mailreeve::net {
namespace {

constexpr int backlog = 4096;

std::unexpected<Error> bind_error(const std::string& where, int error) {
  std::string hint;
  if (error == EADDRINUSE) hint = "; another program listens there";
  if (error == EACCES) hint = "; ports below 1024 need root, or CAP_NET_BIND_SERVICE";
  if (error == EADDRNOTAVAIL) hint = "; this machine does not have that address";
  return fail(ErrorKind::io, fmt::format("cannot listen on {}: {}{}", where, std::strerror(error), hint));
}

}  // namespace

BoundSocket::BoundSocket(BoundSocket&& other) noexcept
    : descriptors_{std::exchange(other.descriptors_, {})}, local_{other.local_} {}

BoundSocket& BoundSocket::operator=(BoundSocket&& other) noexcept {
  std::swap(descriptors_, other.descriptors_);
  std::swap(local_, other.local_);
  return *this;
}

BoundSocket::~BoundSocket() {
  for (const int descriptor : descriptors_) ::close(descriptor);
}

Result<BoundSocket> BoundSocket::bind(Endpoint endpoint, std::size_t copies) {
  BoundSocket bound;
  bound.local_ = endpoint;
  const bool sharing = copies > 1;
  if (sharing && endpoint.port != 0) {
    // Several sockets of ours share the port; a second process must not join in unseen. One that does not share
    // cannot be bound while another holds the port, so it tells.
    auto alone = bind(endpoint, 1);
    if (!alone) return fail(alone);
  }
  for (std::size_t i = 0; i < copies; ++i) {
    const SocketAddress address{bound.local_};
    const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return bind_error(endpoint.text(), errno);
    bound.descriptors_.push_back(descriptor);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (sharing) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    // Accepted sockets inherit it; without it a reply may wait 40 ms for the peer's delayed acknowledgement.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!endpoint.address.is_v4()) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(descriptor, address.data(), address.size()) != 0) return bind_error(endpoint.text(), errno);
    if (::listen(descriptor, backlog) != 0) return bind_error(endpoint.text(), errno);
    if (bound.local_.port == 0) bound.local_ = local_endpoint(descriptor);
  }
  return bound;
}

Result<BoundSocket> BoundSocket::bind_unix(const std::string& path) {
  BoundSocket bound;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::invalid,
                fmt::format("the socket path {} is longer than {} octets; choose a shorter data-dir", path,
                            sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return bind_error(path, errno);
  bound.descriptors_.push_back(descriptor);
  ::unlink(path.c_str());
  const auto old_mask = ::umask(0177);
  const int done = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(old_mask);
  if (done != 0) return bind_error(path, error);
  if (::listen(descriptor, backlog) != 0) return bind_error(path, errno);
  return bound;
}

}  // namespace mailreeve::net
