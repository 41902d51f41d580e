// SPDX-License-Identifier: Apache-2.0
// Looking names up. What delivery needs today: mail exchangers and addresses, with answers told apart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/log.h"
#include "base/task.h"
#include "dns/options.h"

namespace mailreeve::dns {

enum class Status {
  found,
  no_data,   // the name exists, not with this type
  no_name,   // NXDOMAIN
  servfail,  // the servers could not say; also what validation found bogus
  timeout,   // nobody answered within Options::timeout
};

template <class Record>
struct Answer {
  Status status = Status::servfail;
  std::vector<Record> records;
  bool secure = false;  // proven by DNSSEC
};

struct MailExchanger {
  std::uint16_t preference = 0;
  std::string host;  // lower case, no final dot; empty for a null MX (RFC 7505)
};

/// Every look-up ends within Options::timeout. Safe from any loop; the Task goes on where it was awaited.
class Resolver {
 public:
  virtual ~Resolver() = default;
  virtual Task<Answer<MailExchanger>> mail_exchangers(std::string domain) = 0;  // sorted by preference
  virtual Task<Answer<IpAddress>> addresses(std::string host) = 0;              // IPv6 and IPv4; /etc/hosts counts
};

Result<std::unique_ptr<Resolver>> make_resolver(const Options& options, Logger& log);

}  // namespace mailreeve::dns
