// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "net/endpoint.h"

namespace mailreeve::dns {

struct Options {
  enum class Source { system, recursive, servers };
  Source source = Source::system;
  std::vector<net::Endpoint> servers;  // when Source::servers
  std::chrono::seconds timeout{5};     // of one look-up, whole
  std::string trust_anchor;            // file with DS or DNSKEY records; own recursion knows the root's keys without
  std::string zone_file;               // not empty: answers from this file alone
  bool operator==(const Options&) const = default;
};

}  // namespace mailreeve::dns
