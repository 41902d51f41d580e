// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server and client over Stream, on Beast. Bounded: header 16 KiB, body 1 MiB, 30 s a request.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

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
};

using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

/// Serves one connection until it closes; keep-alive. For LoopGroup::listen.
Task<void> serve_http(std::unique_ptr<Stream> stream, HttpHandler handler);

/// One request over a Unix socket, blocking: for commands that talk to a running gateway.
Result<HttpResponse> http_call_unix(const std::string& socket_path, const HttpRequest& request,
                                    std::chrono::seconds timeout);

}  // namespace mailreeve::net
