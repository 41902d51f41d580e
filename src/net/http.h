// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server and client over Stream, on Beast. Bounded: header 16 KiB, body 1 MiB, 30 s a request.
#pragma once

#include <chrono>
#include <functional>
#include <map>
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
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // beyond Content-Type, Content-Length, Connection
};

/// Every answer bears the security headers: nosniff, no-store, a Content-Security-Policy that allows nothing. HEAD is
/// handed to the handler as it is; its answer's body is measured but not sent.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

/// One request from all of its octets. ErrorKind::invalid: malformed, or with octets after its end; ErrorKind::full:
/// over a limit; ErrorKind::closed: it ends too early. The server reads by the same rules.
Result<HttpRequest> parse_http_request(std::string_view whole);

/// The request target for a path and a query, escaped as parse_http_request reads it back.
std::string http_target(const std::string& path, const std::map<std::string, std::string>& query);

/// Serves one connection until it closes; keep-alive. For LoopGroup::listen.
Task<void> serve_http(std::unique_ptr<Stream> stream, HttpHandler handler);

/// One request over a Unix socket, blocking: for commands that talk to a running gateway. ErrorKind::not_found: nobody
/// listens there; ErrorKind::refused: we may not connect. The answer's body may have up to 256 MiB.
Result<HttpResponse> http_call_unix(const std::string& socket_path, const HttpRequest& request,
                                    std::chrono::seconds timeout);

}  // namespace mailreeve::net
