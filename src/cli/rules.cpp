// SPDX-License-Identifier: Apache-2.0
#include "cli/rules.h"

#include <set>

#include "judge/checks/all.h"

namespace mailreeve::cli {

std::shared_ptr<const judge::Rules> make_rules(const config::Settings& settings, judge::ListWatch& lists) {
  auto rules = std::make_shared<judge::Rules>();
  rules->options = settings.checks;
  rules->checks = std::make_shared<const judge::Examination::Checks>(judge::make_checks(settings.checks, lists));
  rules->policies = settings.policy_book;
  rules->contact = settings.contact;
  judge::OwnNames own;
  own.host_name = settings.host_name;
  for (const auto& person : settings.checks.display.people) own.people.add(person);
  std::set<const judge::Directory*> named;  // domains may share one
  for (const auto& domain : settings.recipients.domains) {
    if (domain.recipients && named.insert(domain.recipients.get()).second) {
      for (const auto& person : domain.recipients->people()) own.people.add(person);
    }
    own.domains.push_back(domain.name.text());
    for (const auto& alias : domain.aliases) own.domains.push_back(alias.text());
  }
  const auto unspecified = [](const IpAddress& address) {
    return address.text() == "0.0.0.0" || address.text() == "::";
  };
  for (const auto& listener : settings.gateway.listeners) {
    for (const auto& endpoint : listener.addresses) {
      if (!unspecified(endpoint.address)) own.addresses.push_back(endpoint.address);
    }
  }
  rules->own = std::make_shared<const judge::OwnNames>(std::move(own));
  return rules;
}

}  // namespace mailreeve::cli
