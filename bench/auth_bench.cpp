// SPDX-License-Identifier: Apache-2.0
// How many messages a second are proven: SPF, DKIM and DMARC of one message again and again, DNS answers in the cache.
//
//   auth_bench FILE HOST:PORT ADDRESS HELO SENDER COUNT    -> one line of JSON
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "auth/dmarc.h"
#include "net/blocking.h"

namespace {

using namespace mailreeve;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Counted {
  long passed = 0;
};

Task<Counted> prove(dns::Resolver& resolver, const std::string& message, auth::SpfQuestion question, long count) {
  Counted counted;
  const SystemClock clock;
  for (long i = 0; i < count; ++i) {
    auth::MessageDigest digest;
    digest.feed(message);
    digest.finish();
    const auto spf = co_await auth::check_spf(resolver, question, auth::SpfIdentity::mail_from);
    const auto dkim = co_await auth::verify_dkim(digest, resolver, clock.now());
    const auto authors = auth::authors_of(digest.header());
    auth::DmarcQuestion dmarc;
    dmarc.from_domain = authors.domains.empty() ? std::string{} : authors.domains.front();
    dmarc.spf = spf.result;
    dmarc.spf_domain = spf.domain;
    for (const auto& signature : dkim) dmarc.dkim.emplace_back(signature.domain, signature.result);
    const auto outcome = co_await auth::check_dmarc(resolver, std::move(dmarc));
    const bool all = spf.result == auth::SpfResult::pass && !dkim.empty() &&
                     dkim.front().result == auth::DkimResult::pass && outcome.result == auth::DmarcResult::pass;
    if (all) ++counted.passed;
  }
  co_return counted;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: auth_bench FILE HOST:PORT ADDRESS HELO SENDER COUNT\n";
    return 2;
  }
  std::ifstream file{argv[1], std::ios::binary};
  const std::string message{std::istreambuf_iterator<char>{file}, {}};
  dns::Options options;
  options.source = dns::Options::Source::servers;
  const auto server = net::Endpoint::parse(argv[2]);
  const auto client = IpAddress::parse(argv[3]);
  if (!server || !client) return 2;
  options.servers.push_back(*server);
  const auto log = make_silent_logger();
  const auto resolver = dns::make_resolver(options, *log);
  if (!resolver) return 1;
  const auth::SpfQuestion question{*client, argv[4], argv[5], "mx.test"};
  net::run_blocking(prove(**resolver, message, question, 10));  // fills the cache
  const auto count = std::atol(argv[6]);
  const auto cpu = cpu_seconds();
  const auto began = std::chrono::steady_clock::now();
  const auto counted = net::run_blocking(prove(**resolver, message, question, count));
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << fmt::format("{{\"messages\": {}, \"passed\": {}, \"seconds\": {:.3f}, \"cpu\": {:.3f}}}\n", count,
                           counted.passed, took, cpu_seconds() - cpu);
  return counted.passed == count ? 0 : 1;
}
