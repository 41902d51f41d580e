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

/// [quarantine]: what is kept of mail that was held or refused, and what its recipients may do about it.
struct QuarantineOptions {
  std::chrono::seconds keep = std::chrono::hours{24 * 30};
  std::uint64_t max_size = 10ULL << 30;    // octets; 0: no limit
  std::chrono::minutes digest_at{7 * 60};  // after midnight, local time
  std::string digest_from;                 // address of ours that digests come from; empty: `contact`
  /// Where one of these was found, or something below it, the operator alone releases a held message; its recipient
  /// may ask. So with every copy of what was refused.
  std::vector<std::string> ask_only = {"virus",          "attachment.dangerous", "scan.crashed",
                                       "url.lookalike",  "url.userinfo",         "from.display-forged",
                                       "from.lookalike", "dmarc.reject",         "lists.block"};
  bool operator==(const QuarantineOptions&) const = default;
};

struct Options {
  std::string host_name;
  std::vector<ListenerOptions> listeners;  // mx and submission; web is in web::Options
  TlsOptions tls;
  LimitOptions limits;
  QuarantineOptions quarantine;
};

}  // namespace mailreeve::gateway
