// SPDX-License-Identifier: Apache-2.0
// A cache in front of a resolver that is slow to ask: answers from memory, identical questions asked once.
#pragma once

#include "base/clock.h"
#include "dns/resolver.h"

namespace mailreeve::dns {

struct CacheOptions {
  std::size_t entries = 200'000;
  std::chrono::seconds least{30}, most{86'400};  // how long an answer may be believed (reliability.md N13)
  std::chrono::seconds most_negative{3'600};     // RFC 2308 5 advises one to three hours
  std::chrono::seconds failure{5};               // a failure: long enough to spare the servers a storm
  std::chrono::seconds down_after{3};            // nothing but time-outs for so long: the resolver is down
  unsigned down_count = 8;                       // and at least so many of them
};

/// `clock` must outlive it. When the resolver behind it is down, questions are answered `timeout` at once but for one a
/// second that goes through, until one succeeds: mail must not queue up behind dead DNS.
std::unique_ptr<Resolver> make_cache(std::unique_ptr<Resolver> inner, CacheOptions options, const Clock& clock,
                                     Logger& log);

}  // namespace mailreeve::dns
