// SPDX-License-Identifier: Apache-2.0
#include "judge/policies.h"

#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

std::string recipient_key(const mail::Mailbox& address) {
  auto local = mail::lower(address.local());
  const auto tag = local.find('+');
  if (tag != std::string::npos && tag > 0) local.resize(tag);
  return local + '@' + address.domain().text();
}

std::shared_ptr<const Policy> observing() {
  Policy policy;
  policy.name = "observe";
  policy.observe = true;
  return std::make_shared<const Policy>(std::move(policy));
}

Policy balanced() {
  Policy policy;
  policy.name = "balanced";
  policy.tag = 5.0;
  policy.greylist = 4.0;
  policy.quarantine = 8.0;
  policy.reject = 15.0;
  policy.actions = {{"virus.found", Action::reject},
                    {"attachment.dangerous", Action::reject},
                    {"scan.crashed", Action::quarantine},
                    {"virus.too-large", Action::quarantine},
                    {"spf.fail", Action::reject},
                    {"dmarc.reject", Action::reject},
                    {"dmarc.quarantine", Action::quarantine}};
  return policy;
}

Policy lenient() {
  Policy policy;
  policy.name = "lenient";
  policy.tag = 8.0;
  policy.quarantine = 15.0;
  policy.actions = {{"virus.found", Action::reject},
                    {"attachment.dangerous", Action::quarantine},
                    {"scan.crashed", Action::quarantine},
                    {"virus.too-large", Action::quarantine}};
  return policy;
}

Policy strict() {
  auto policy = balanced();
  policy.name = "strict";
  policy.tag = 3.0;
  policy.greylist = 2.5;
  policy.quarantine = 5.0;
  policy.reject = 8.0;
  policy.actions["sender.no-domain"] = Action::reject;
  policy.actions["helo.pretends-to-be-us"] = Action::reject;
  return policy;
}

}  // namespace

PolicyBook::PolicyBook() : observing_{observing()} {}

void PolicyBook::set_domain(const mail::Domain& domain, std::shared_ptr<const Policy> policy) {
  by_domain_[domain.text()] = std::move(policy);
}

void PolicyBook::set_recipient(const mail::Mailbox& address, std::shared_ptr<const Policy> policy) {
  by_recipient_[recipient_key(address)] = std::move(policy);
}

const Policy& PolicyBook::of(const mail::Mailbox& recipient) const {
  if (!by_recipient_.empty()) {
    const auto own = by_recipient_.find(recipient_key(recipient));
    if (own != by_recipient_.end()) return *own->second;
  }
  const auto domain = by_domain_.find(recipient.domain().text());
  return domain == by_domain_.end() ? *observing_ : *domain->second;
}

const std::map<std::string, Policy, std::less<>>& built_in_policies() {
  static const std::map<std::string, Policy, std::less<>> policies{
      {"lenient", lenient()}, {"balanced", balanced()}, {"strict", strict()}};
  return policies;
}

bool is_role_address(const mail::Mailbox& recipient) {
  const auto local = mail::lower(recipient.local());
  return local == "postmaster" || local == "abuse";
}

}  // namespace mailreeve::judge
