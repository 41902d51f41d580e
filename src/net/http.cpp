// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <optional>

#include "net/http_target.h"
#include "net/http_write.h"

namespace mailreeve::net {
namespace {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::uint64_t body_limit = 1024 * 1024;
// Chunks of one octet cost six on the wire: a peer that sends so is cut off here, long before the body's limit.
constexpr std::uint64_t request_limit = 2 * body_limit + header_limit;
constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t shortest_end = 5;  // of a body in chunks: "0", CRLF, CRLF
constexpr auto request_time = 30s;
constexpr auto idle_time = 60s;
constexpr auto handshake_time = 10s;
// Lists by their definition, which intermediaries may split and join (RFC 9110 5.3). Everything else stands once: who
// asks, and what for, must not depend on which of two fields is looked at.
constexpr std::array<std::string_view, 13> lists{"accept",          "accept-encoding",   "accept-language",
                                                 "cache-control",   "connection",        "forwarded",
                                                 "if-match",        "if-none-match",     "te",
                                                 "x-forwarded-for", "x-forwarded-proto", "via",
                                                 "x-forwarded-host"};

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
  bool is_http_11() const { return is_http_11_; }
  bool keep_alive() const { return parser_.is_header_done() && parser_.keep_alive(); }
  /// Once: whether the client waits for our word before it sends the body (RFC 9110 10.1.1).
  bool wants_continue() {
    if (was_asked_ || !parser_.is_header_done() || parser_.is_done()) return false;
    was_asked_ = true;
    return boost::beast::iequals(parser_.get()[http::field::expect], "100-continue");
  }

  Result<HttpRequest> finish() {
    auto message = parser_.release();
    is_http_11_ = message.version() == 11;
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
    for (const auto& field : message) {
      auto added = add_header(request, field.name_string(), field.value());
      if (!added) return fail(added);
    }
    return request;
  }

 private:
  static Result<void> add_header(HttpRequest& request, boost::beast::string_view field,
                                 boost::beast::string_view value) {
    std::string name{field.data(), field.size()};
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const auto [at, is_new] = request.headers.try_emplace(name, value.data(), value.size());
    if (is_new) return {};
    if (std::ranges::find(lists, name) == lists.end()) return malformed("a header stands twice");
    at->second.append(", ").append(value.data(), value.size());
    return {};
  }

  static std::unexpected<Error> refusal(const boost::beast::error_code& error) {
    const bool is_over =
        error == http::error::header_limit || error == http::error::body_limit || error == http::error::buffer_overflow;
    return fail(is_over ? ErrorKind::full : ErrorKind::invalid, error.message(), Blame::peer);
  }

  http::request_parser<http::string_body> parser_;
  std::uint64_t taken_ = 0;
  bool was_asked_ = false;
  bool is_http_11_ = true;
};

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

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = headers.find(std::string{name});
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

Result<HttpRequest> parse_http_request(std::string_view whole) {
  Incoming incoming;
  const auto used = incoming.take(whole);
  if (!used) return std::unexpected(used.error());
  if (!incoming.is_done()) return fail(ErrorKind::closed, "the request ends too early", Blame::peer);
  if (*used != whole.size()) return malformed("octets follow the request");
  return incoming.finish();
}

namespace {

/// Counts one up for as long as it lives, within a limit.
class Place {
 public:
  Place(std::atomic<std::size_t>& taken, std::size_t limit) : taken_{taken}, is_free_{taken.fetch_add(1) < limit} {}
  ~Place() { taken_.fetch_sub(1); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  explicit operator bool() const { return is_free_; }

 private:
  std::atomic<std::size_t>& taken_;
  bool is_free_;
};

/// The same within the limit of the client's network.
class NetworkPlace {
 public:
  NetworkPlace(HttpLimits& limits, const HttpPeer& peer) : limits_{limits} {
    if (!peer.client || peer.many) return;
    network_ = counting_network(*peer.client);
    is_free_ = limits_.enter(*network_);
    if (!is_free_) network_.reset();
  }
  ~NetworkPlace() {
    if (network_) limits_.leave(*network_);
  }
  NetworkPlace(const NetworkPlace&) = delete;
  NetworkPlace& operator=(const NetworkPlace&) = delete;
  explicit operator bool() const { return is_free_; }

 private:
  HttpLimits& limits_;
  std::optional<IpNetwork> network_;
  bool is_free_ = true;
};

HttpResponse too_many_streams() {
  HttpResponse response{503, "application/problem+json", R"({"title":"Too many streams","status":503})"};
  response.headers.emplace_back("Retry-After", "10");
  return response;
}

/// Sends an answer; false when the connection has ended with it.
Task<bool> answer(Stream& stream, HttpResponse response, WriteForm form, bool is_http_11, HttpLimits& limits) {
  std::optional<Place> place;
  bool streams = response.stream && form.body == BodyForm::whole;
  if (streams) {
    place.emplace(limits.streaming, limits.streams);
    if (!*place) {
      response = too_many_streams();
      streams = false;
    }
  }
  if (streams) {
    form.body = is_http_11 ? BodyForm::chunks : BodyForm::until_close;
    form.keep_alive = false;
  }
  stream.set_deadline(std::chrono::steady_clock::now() + request_time);
  const auto bytes = write_response(response, form);
  const auto written = co_await stream.write_all(bytes);
  if (!written) co_return false;
  if (streams) co_await run_stream(stream, response, form.body);
  co_return form.keep_alive;
}

}  // namespace

bool HttpLimits::enter(const IpNetwork& network) {
  std::lock_guard lock{mutex_};
  auto& count = networks_[network];
  if (count >= per_network) return false;
  ++count;
  return true;
}

void HttpLimits::leave(const IpNetwork& network) {
  std::lock_guard lock{mutex_};
  const auto found = networks_.find(network);
  if (found != networks_.end() && --found->second == 0) networks_.erase(found);
}

Task<void> serve_http(std::unique_ptr<Stream> stream, HttpHandler handler, HttpPeer peer) {
  if (!peer.limits) peer.limits = std::make_shared<HttpLimits>();
  const Place place{peer.limits->open, peer.limits->connections};
  const NetworkPlace network_place{*peer.limits, peer};
  if (!place || !network_place) co_return;
  const bool is_secure = peer.tls != nullptr;
  if (is_secure) {
    stream->set_deadline(std::chrono::steady_clock::now() + handshake_time);
    const auto facts = co_await stream->start_tls_server(std::move(peer.tls));
    if (!facts) co_return;
  }
  std::string left;
  bool goes_on = true;
  while (goes_on) {
    Incoming incoming;
    auto request = co_await read_request(*stream, incoming, left);
    if (!request) {
      const auto refused = write_response(problem(request.error()), {.keep_alive = false, .secure = is_secure});
      co_await stream->write_all(refused);
      break;
    }
    if (!*request) break;
    (*request)->client = peer.client;
    (*request)->secure = is_secure;
    const WriteForm form{incoming.keep_alive(), is_secure,
                         (*request)->method == "HEAD" ? BodyForm::none : BodyForm::whole};
    auto response = co_await guarded(handler, std::move(**request));
    goes_on = co_await answer(*stream, std::move(response), form, incoming.is_http_11(), *peer.limits);
  }
  co_await stream->close_gently();
}

}  // namespace mailreeve::net
