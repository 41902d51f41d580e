// SPDX-License-Identifier: Apache-2.0
// The client side: one request over a Unix socket, blocking.
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "net/http.h"
#include "net/http_target.h"

namespace mailreeve::net {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::uint64_t answer_limit = 256ULL << 20;
constexpr std::size_t read_size = 16 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_{value} {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

std::unexpected<Error> no_connection(const std::string& path, int error) {
  const auto text = fmt::format("cannot connect to {}: {}", path, std::strerror(error));
  if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR) return fail(ErrorKind::not_found, text);
  if (error == EACCES || error == EPERM) return fail(ErrorKind::refused, text);
  return fail(ErrorKind::io, text);
}

bool wait_until(int descriptor, short events, SteadyTime end) {
  pollfd wanted{descriptor, events, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    const int ready = ::poll(&wanted, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::unexpected<Error> too_slow(const std::string& path) {
  return fail(ErrorKind::timeout, fmt::format("the gateway at {} does not answer in time", path), Blame::remote);
}

Result<void> send_all(const Descriptor& socket, std::string_view bytes, const std::string& path, SteadyTime end) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_until(socket.get(), POLLOUT, end)) return too_slow(path);
    } else if (errno != EINTR) {
      return fail(ErrorKind::closed, fmt::format("sending to {}: {}", path, std::strerror(errno)), Blame::remote);
    }
  }
  return {};
}

Result<HttpResponse> receive(const Descriptor& socket, bool is_head, const std::string& path, SteadyTime end) {
  http::response_parser<http::string_body> parser;
  parser.header_limit(header_limit);
  parser.body_limit(answer_limit);
  parser.eager(true);
  parser.skip(is_head);
  std::string buffer;
  while (!parser.is_done()) {
    if (!wait_until(socket.get(), POLLIN, end)) return too_slow(path);
    const auto before = buffer.size();
    buffer.resize(before + read_size);
    const auto got = ::recv(socket.get(), buffer.data() + before, read_size, MSG_DONTWAIT);
    buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    boost::beast::error_code error;
    if (got <= 0) {
      parser.put_eof(error);
      if (error || !parser.is_done()) {
        return fail(ErrorKind::closed, fmt::format("the gateway at {} hung up before it had answered", path),
                    Blame::remote);
      }
      break;
    }
    std::size_t used = 0;
    while (used < buffer.size() && !parser.is_done()) {
      const auto put = parser.put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), error);
      used += put;
      if (error || put == 0) break;
    }
    buffer.erase(0, used);
    if (error && error != http::error::need_more) {
      return fail(ErrorKind::invalid, fmt::format("what answers at {} is no gateway: {}", path, error.message()),
                  Blame::remote);
    }
  }
  auto message = parser.release();
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  const auto type = message[http::field::content_type];
  response.type.assign(type.data(), type.size());
  response.body = std::move(message.body());
  return response;
}

}  // namespace

Result<HttpResponse> http_call_unix(const std::string& socket_path, const HttpRequest& request,
                                    std::chrono::seconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::invalid, fmt::format("the socket path {} is too long", socket_path));
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  const Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket.get() < 0) return fail(ErrorKind::io, fmt::format("socket: {}", std::strerror(errno)));
  // Connecting waits only while the listener's backlog is full, and by this option not for ever.
  const timeval patience{timeout.count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return no_connection(socket_path, errno);
  }
  auto bytes = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n",
                           request.method, http_target(request.path, request.query), request.body.size());
  for (const auto& [name, value] : request.headers) bytes += fmt::format("{}: {}\r\n", name, value);
  bytes += "\r\n";
  bytes += request.body;
  auto sent = send_all(socket, bytes, socket_path, end);
  if (!sent) return fail(sent);
  return receive(socket, request.method == "HEAD", socket_path, end);
}

}  // namespace mailreeve::net
