// SPDX-License-Identifier: Apache-2.0
// What the settings file says to the gateway. Filled by config/, read by everybody, changed by nobody.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/ip.h"
#include "net/endpoint.h"
#include "smtp/server.h"

namespace mailreeve::gateway {

enum class Role { mx, submission, web };
enum class ListenerTls { off, opportunistic, required, implicit };

struct ListenerOptions {
  Role role = Role::mx;
  std::vector<net::Endpoint> addresses;
  ListenerTls tls = ListenerTls::opportunistic;  // `opportunistic` without a certificate offers nothing
  std::vector<IpNetwork> proxy_from;             // peers whose PROXY header is required and believed
  bool operator==(const ListenerOptions&) const = default;
};

struct TlsOptions {
  std::string certificate;  // PEM file, leaf first; empty: no TLS
  std::string key;
  std::string minimum = "1.2";  // "1.2" or "1.3"
};

/// [limits]: what a peer may use of us.
struct LimitOptions {
  smtp::ServerLimits session;
  std::size_t connections = 10'000;           // in total, all listeners
  std::size_t connections_per_address = 50;   // at once; an IPv6 /64 counts as one
  std::vector<IpNetwork> unlimited;           // not held to the per-address limit; relay networks are not either
  std::uint64_t memory_body = 1ULL << 20;     // octets of one message held in memory before a temporary file
  std::chrono::seconds command_timeout{300};  // silence between commands (RFC 5321 4.5.3.2.7)
  std::chrono::seconds data_timeout{180};     // silence within data (RFC 5321 4.5.3.2.5)
  std::chrono::seconds drain{8};              // SIGTERM: how long sessions may finish; the whole stop takes under 10 s
  std::uint64_t min_free_disk = 64ULL << 20;  // octets; below that 452
};

struct Options {
  std::string host_name;
  std::vector<ListenerOptions> listeners;  // mx and submission; web is in web::Options
  TlsOptions tls;
  LimitOptions limits;
};

}  // namespace mailreeve::gateway
