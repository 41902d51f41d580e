// SPDX-License-Identifier: Apache-2.0
#include "judge/checks/reachability.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailreeve::judge {
namespace {

using Kind = Reachability::Kind;
constexpr std::size_t most_exchangers = 10;

bool is_public(const IpAddress& address) { return !address.is_private(); }

}  // namespace

Task<Reachability> reachability_of(dns::Resolver& resolver, std::string domain) {
  auto exchangers = co_await resolver.mail_exchangers(domain);
  if (dns::is_failure(exchangers.status)) {
    co_return Reachability{Kind::unknown, fmt::format("MX of {}: {}", domain, dns::name(exchangers.status))};
  }
  if (exchangers.found()) {
    if (exchangers.records.size() == 1 && exchangers.records.front().host.empty()) {
      co_return Reachability{Kind::null_mx, fmt::format("{} says that it takes no mail (null MX)", domain)};
    }
    if (exchangers.records.size() > most_exchangers) exchangers.records.resize(most_exchangers);
    bool failed = false;
    bool any = false;
    bool any_public = false;
    std::string first_private;
    for (const auto& exchanger : exchangers.records) {
      const auto found = co_await resolver.addresses(exchanger.host);
      failed = failed || dns::is_failure(found.status);
      for (const auto& address : found.records) {
        any = true;
        any_public = any_public || is_public(address);
        if (!is_public(address) && first_private.empty())
          first_private = fmt::format("{} ({})", exchanger.host, address.text());
      }
      if (any_public) co_return Reachability{};
    }
    if (failed)
      co_return Reachability{Kind::unknown, fmt::format("the mail exchangers of {} could not be looked up", domain)};
    if (any) co_return Reachability{Kind::private_mx, fmt::format("mail to {} leads to {}", domain, first_private)};
    co_return Reachability{Kind::bad_mx, fmt::format("no mail exchanger of {} has an address", domain)};
  }
  const auto found = co_await resolver.addresses(domain);
  if (dns::is_failure(found.status)) {
    co_return Reachability{Kind::unknown, fmt::format("{}: {}", domain, dns::name(found.status))};
  }
  if (!found.found()) {
    const bool exists = exchangers.status == dns::Status::no_data || found.status == dns::Status::no_data;
    co_return exists ? Reachability{Kind::no_mail, fmt::format("{} has neither MX nor address", domain)}
                     : Reachability{Kind::no_domain, fmt::format("{} does not exist", domain)};
  }
  if (std::ranges::none_of(found.records, is_public)) {
    co_return Reachability{Kind::private_mx,
                           fmt::format("mail to {} leads to {}", domain, found.records.front().text())};
  }
  co_return Reachability{};
}

}  // namespace mailreeve::judge
