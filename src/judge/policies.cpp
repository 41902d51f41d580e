// SPDX-License-Identifier: Apache-2.0
#include "judge/policies.h"

#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

std::shared_ptr<const Policy> observing() {
  Policy policy;
  policy.name = "observe";
  policy.observe = true;
  policy.digest = store::DigestTimes::never;
  return std::make_shared<const Policy>(std::move(policy));
}

Policy balanced() {
  Policy policy;
  policy.name = "balanced";
  policy.label = "Balanced";
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
  policy.label = "Let more in: I like newsletters";
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
  policy.label = "Strict: less spam, and more that must be looked for";
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
  by_recipient_[store::owner_key(address)] = std::move(policy);
}

void PolicyBook::set_choices(const mail::Domain& domain, std::vector<std::shared_ptr<const Policy>> choices) {
  choices_[domain.text()] = std::move(choices);
}

const Policy* PolicyBook::own_of(const mail::Mailbox& recipient) const {
  if (by_recipient_.empty()) return nullptr;
  const auto own = by_recipient_.find(store::owner_key(recipient));
  return own == by_recipient_.end() ? nullptr : own->second.get();
}

const std::vector<std::shared_ptr<const Policy>>* PolicyBook::choices_of(const mail::Mailbox& recipient) const {
  const auto found = choices_.find(recipient.domain().text());
  return found == choices_.end() ? nullptr : &found->second;
}

const Policy& PolicyBook::of(const mail::Mailbox& recipient) const {
  if (const auto* own = own_of(recipient)) return *own;
  const auto domain = by_domain_.find(recipient.domain().text());
  return domain == by_domain_.end() ? *observing_ : *domain->second;
}

const Policy& PolicyBook::of(const mail::Mailbox& recipient, std::string_view chosen) const {
  const auto* choices = chosen.empty() ? nullptr : choices_of(recipient);
  if (choices != nullptr && own_of(recipient) == nullptr) {
    for (const auto& choice : *choices) {
      if (choice->name == chosen) return *choice;
    }
  }
  return of(recipient);
}

std::vector<std::shared_ptr<const Policy>> PolicyBook::choices(const mail::Mailbox& recipient) const {
  const auto* found = choices_of(recipient);
  if (found == nullptr || own_of(recipient) != nullptr) return {};
  return *found;
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
