// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server and client over Stream, on Beast. Bounded: header 16 KiB, body 1 MiB, 30 s a request.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/loop.h"

namespace mailreeve::net {

struct HttpRequest {
  std::string method;
  std::string path;  // percent-decoded, without the query
  std::map<std::string, std::string> query;
  std::string body;
  /// By lower-case name. Values of one name are joined with ", " (RFC 9110 5.3); a name that may stand only once, such
  /// as Cookie, Authorization or Origin, makes the request malformed when it stands twice.
  std::map<std::string, std::string> headers = {};
  std::optional<IpAddress> client = {};  // the peer of the connection; none on the control socket
  bool secure = false;                   // it came over TLS

  /// Empty when there is no such header. `name` in lower case.
  std::string_view header(std::string_view name) const;
};

/// An answer that goes on: server-sent events.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// False: the peer is gone, the gateway stops, or the stream has lasted long enough (10 min: whoever listens comes
  /// back, and is asked again who it is). Then end.
  virtual Task<bool> write(std::string bytes) = 0;
  /// Waits so long; false, perhaps early, for the same reasons.
  virtual Task<bool> wait(std::chrono::milliseconds time) = 0;
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // beyond Content-Type, Content-Length, Connection
  /// Where set, it writes what follows `body` for as long as it runs. It must be a function that calls a coroutine, not
  /// a coroutine itself.
  std::function<Task<void>(HttpStream&)> stream = {};
};

/// Every answer bears the hardening headers: nosniff, no-store, a Content-Security-Policy that allows nothing, no
/// framing, no referrer, same origin only, no devices; HSTS over TLS. A handler that names one of them in
/// HttpResponse::headers replaces it. HEAD is handed to the handler as it is; its answer's body is measured but not
/// sent.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

/// One request from all of its octets. ErrorKind::invalid: malformed, or with octets after its end; ErrorKind::full:
/// over a limit; ErrorKind::closed: it ends too early. The server reads by the same rules.
Result<HttpRequest> parse_http_request(std::string_view whole);

/// The request target for a path and a query, escaped as parse_http_request reads it back.
std::string http_target(const std::string& path, const std::map<std::string, std::string>& query);

/// Does the client take this coding (RFC 9110 12.5.3)? `coding` in lower case: "gzip".
bool accepts_encoding(const HttpRequest& request, std::string_view coding);
/// Is `etag`, with its quotes, among those of If-None-Match (RFC 9110 13.1.2)? Then 304 is the answer.
bool has_etag(const HttpRequest& request, std::string_view etag);

/// What the connections of one server share. A request may take 2 MiB of memory before anybody knows who sends it.
class HttpLimits {
 public:
  std::size_t connections = 1000;  // more are closed at once
  std::size_t per_network = 64;    // of one client's address or IPv6 /64, the same
  std::size_t streams = 100;       // more are answered with 503

  std::atomic<std::size_t> open{0};
  std::atomic<std::size_t> streaming{0};
  /// One more connection from there; false when it has its number.
  bool enter(const IpNetwork& network);
  void leave(const IpNetwork& network);

 private:
  std::mutex mutex_;
  std::map<IpNetwork, std::size_t> networks_;
};

/// Where a connection comes from.
struct HttpPeer {
  std::optional<IpAddress> client = {};
  std::shared_ptr<const TlsContext> tls = {};  // begin with the handshake
  std::shared_ptr<HttpLimits> limits = {};     // none: the standard ones, for this connection alone
  bool many = false;                           // many people come from there, a proxy: no limit for its network
};

/// Serves one connection until it closes; keep-alive. For LoopGroup::listen.
Task<void> serve_http(std::unique_ptr<Stream> stream, HttpHandler handler, HttpPeer peer = {});

/// One request over a Unix socket, blocking: for commands that talk to a running gateway. ErrorKind::not_found: nobody
/// listens there; ErrorKind::refused: we may not connect. The answer's body may have up to 256 MiB.
Result<HttpResponse> http_call_unix(const std::string& socket_path, const HttpRequest& request,
                                    std::chrono::seconds timeout);

}  // namespace mailreeve::net
