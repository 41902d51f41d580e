// SPDX-License-Identifier: Apache-2.0
// Which policy is whose: a recipient's own, else its domain's, else none.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "judge/policy.h"
#include "mail/address.h"

namespace mailreeve::judge {

class PolicyBook {
 public:
  PolicyBook();
  void set_domain(const mail::Domain& domain, std::shared_ptr<const Policy> policy);
  void set_recipient(const mail::Mailbox& address, std::shared_ptr<const Policy> policy);
  /// Policies that recipients of this domain may choose for themselves.
  void set_choices(const mail::Domain& domain, std::vector<std::shared_ptr<const Policy>> choices);
  /// Recipients are compared without case and without a +tag. A domain without a policy is only observed.
  const Policy& of(const mail::Mailbox& recipient) const;
  /// The same where the recipient chose one by name: what the operator gave this recipient comes first; a choice that
  /// is not, or no more, permitted does not count.
  const Policy& of(const mail::Mailbox& recipient, std::string_view chosen) const;
  /// What this recipient may choose instead of `of(recipient)`: empty where the operator gave him one of his own.
  std::vector<std::shared_ptr<const Policy>> choices(const mail::Mailbox& recipient) const;

 private:
  const Policy* own_of(const mail::Mailbox& recipient) const;
  const std::vector<std::shared_ptr<const Policy>>* choices_of(const mail::Mailbox& recipient) const;

  std::map<std::string, std::shared_ptr<const Policy>, std::less<>> by_domain_, by_recipient_;
  std::map<std::string, std::vector<std::shared_ptr<const Policy>>, std::less<>> choices_;  // by domain
  std::shared_ptr<const Policy> observing_;
};

/// "lenient", "balanced" and "strict" exist without being written; a [policy.NAME] of the same name changes what it
/// names of it.
const std::map<std::string, Policy, std::less<>>& built_in_policies();

/// postmaster@ and abuse@ of any domain (RFC 5321 4.5.1, RFC 2142).
bool is_role_address(const mail::Mailbox& recipient);

}  // namespace mailreeve::judge
