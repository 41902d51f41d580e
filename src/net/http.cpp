// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"

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
#include <optional>

#include "net/http_target.h"

namespace mailreeve::net {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::uint64_t body_limit = 1024 * 1024;
// Chunks of one octet cost six on the wire: a peer that sends so is cut off here, long before the body's limit.
constexpr std::uint64_t request_limit = 2 * body_limit + header_limit;
constexpr std::uint64_t answer_limit = 256ULL << 20;
constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t shortest_end = 5;  // of a body in chunks: "0", CRLF, CRLF
constexpr auto request_time = 30s;
constexpr auto idle_time = 60s;

std::unexpected<Error> malformed(std::string text) { return fail(ErrorKind::invalid, std::move(text), Blame::peer); }

/// One request as its octets come in. What Beast has not taken yet is given to it again with what follows.
class Incoming {
 public:
  Incoming() {
    parser_.header_limit(header_limit);
    parser_.body_limit(body_limit);
    parser_.eager(true);
  }

  /// How many octets were used up; fewer than given when the request is complete or more are needed.
  Result<std::size_t> take(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && !parser_.is_done()) {
      boost::beast::error_code error;
      const auto rest = bytes.substr(used);
      // Beast 1.81 asserts that the last chunk is not given to it in pieces shorter than that.
      if (parser_.is_header_done() && parser_.chunked() && rest.size() < shortest_end) break;
      const auto put = parser_.put(boost::asio::buffer(rest.data(), rest.size()), error);
      used += put;
      taken_ += put;
      if (error == http::error::need_more) break;
      if (error) return refusal(error);
      if (put == 0) break;
    }
    const auto left = bytes.size() - used;
    if (!parser_.is_done() && (taken_ > request_limit || left > header_limit)) {
      return fail(ErrorKind::full, "the request is too long", Blame::peer);
    }
    return used;
  }

  bool is_done() const { return parser_.is_done(); }
  bool keep_alive() const { return parser_.is_header_done() && parser_.keep_alive(); }
  /// Once: whether the client waits for our word before it sends the body (RFC 9110 10.1.1).
  bool wants_continue() {
    if (was_asked_ || !parser_.is_header_done() || parser_.is_done()) return false;
    was_asked_ = true;
    return boost::beast::iequals(parser_.get()[http::field::expect], "100-continue");
  }

  Result<HttpRequest> finish() {
    auto message = parser_.release();
    if (message.version() != 10 && message.version() != 11) return malformed("only HTTP/1.0 and HTTP/1.1 are spoken");
    if (message.version() == 11 && message.count(http::field::host) != 1) {
      return malformed("a request needs one Host field");
    }
    HttpRequest request;
    const auto method = message.method_string();
    const auto target = message.target();
    request.method.assign(method.data(), method.size());
    auto read = read_http_target({target.data(), target.size()}, request);
    if (!read) return fail(read);
    request.body = std::move(message.body());
    return request;
  }

 private:
  static std::unexpected<Error> refusal(const boost::beast::error_code& error) {
    const bool is_over =
        error == http::error::header_limit || error == http::error::body_limit || error == http::error::buffer_overflow;
    return fail(is_over ? ErrorKind::full : ErrorKind::invalid, error.message(), Blame::peer);
  }

  http::request_parser<http::string_body> parser_;
  std::uint64_t taken_ = 0;
  bool was_asked_ = false;
};

std::string write_response(const HttpResponse& response, bool keep_alive, bool with_body) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  auto out = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\n"
      "Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\n",
      response.status, std::string_view{reason.data(), reason.size()}, response.type, response.body.size());
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
  if (with_body) out += response.body;
  return out;
}

HttpResponse problem(const Error& error) {
  const bool is_over = error.kind == ErrorKind::full;
  HttpResponse response;
  response.status = is_over ? 413 : 400;
  response.type = "application/problem+json";
  response.body = fmt::format(R"({{"title":"{}","status":{}}})", is_over ? "Request too large" : "Malformed request",
                              response.status);
  return response;
}

Task<HttpResponse> guarded(const HttpHandler& handler, HttpRequest request) {
  try {
    co_return co_await handler(std::move(request));
  } catch (const boost::system::system_error&) {
    throw;  // the loop is ending
  } catch (const std::exception&) {
    // Our own bug costs this request, not the listener.
  }
  co_return HttpResponse{500, "application/problem+json", R"({"title":"Internal error","status":500})"};
}

/// One request from the stream; `left` holds what was read beyond it. Nothing when the peer went away in between.
Task<Result<std::optional<HttpRequest>>> read_request(Stream& stream, Incoming& incoming, std::string& left) {
  if (left.empty()) {
    stream.set_deadline(std::chrono::steady_clock::now() + idle_time);
    const auto waited = co_await stream.wait_readable();
    if (!waited) co_return std::nullopt;
  }
  stream.set_deadline(std::chrono::steady_clock::now() + request_time);
  while (true) {
    const auto used = incoming.take(left);
    if (!used) co_return std::unexpected(used.error());
    left.erase(0, *used);
    if (incoming.is_done()) break;
    if (incoming.wants_continue()) {
      const auto told = co_await stream.write_all("HTTP/1.1 100 Continue\r\n\r\n");
      if (!told) co_return std::nullopt;
    }
    const auto before = left.size();
    left.resize(before + read_size);
    const auto got = co_await stream.read_some(left.data() + before, read_size);
    left.resize(before + (got ? *got : 0));
    if (!got || *got == 0) co_return std::nullopt;
  }
  auto request = incoming.finish();
  if (!request) co_return fail(request);
  co_return std::move(*request);
}

}  // namespace

Result<HttpRequest> parse_http_request(std::string_view whole) {
  Incoming incoming;
  const auto used = incoming.take(whole);
  if (!used) return std::unexpected(used.error());
  if (!incoming.is_done()) return fail(ErrorKind::closed, "the request ends too early", Blame::peer);
  if (*used != whole.size()) return malformed("octets follow the request");
  return incoming.finish();
}

Task<void> serve_http(std::unique_ptr<Stream> stream, HttpHandler handler) {
  std::string left;
  bool goes_on = true;
  while (goes_on) {
    Incoming incoming;
    auto request = co_await read_request(*stream, incoming, left);
    if (!request) {
      const auto refused = write_response(problem(request.error()), false, true);
      co_await stream->write_all(refused);
      break;
    }
    if (!*request) break;
    const bool is_head = (*request)->method == "HEAD";
    goes_on = incoming.keep_alive();
    const auto response = co_await guarded(handler, std::move(**request));
    stream->set_deadline(std::chrono::steady_clock::now() + request_time);
    const auto bytes = write_response(response, goes_on, !is_head);
    const auto written = co_await stream->write_all(bytes);
    if (!written) break;
  }
  co_await stream->close_gently();
}

namespace {

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
  const auto bytes =
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
                  request.method, http_target(request.path, request.query), request.body.size(), request.body);
  auto sent = send_all(socket, bytes, socket_path, end);
  if (!sent) return fail(sent);
  return receive(socket, request.method == "HEAD", socket_path, end);
}

}  // namespace mailreeve::net
