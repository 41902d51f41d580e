// SPDX-License-Identifier: Apache-2.0
// Which policy is whose: a recipient's own, else its domain's, else none.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "judge/policy.h"
#include "mail/address.h"

namespace mailreeve::judge {

class PolicyBook {
 public:
  PolicyBook();
  void set_domain(const mail::Domain& domain, std::shared_ptr<const Policy> policy);
  void set_recipient(const mail::Mailbox& address, std::shared_ptr<const Policy> policy);
  /// Recipients are compared without case and without a +tag. A domain without a policy is only observed.
  const Policy& of(const mail::Mailbox& recipient) const;

 private:
  std::map<std::string, std::shared_ptr<const Policy>, std::less<>> by_domain_, by_recipient_;
  std::shared_ptr<const Policy> observing_;
};

/// "lenient", "balanced" and "strict" exist without being written; a [policy.NAME] of the same name changes what it
/// names of it.
const std::map<std::string, Policy, std::less<>>& built_in_policies();

/// postmaster@ and abuse@ of any domain (RFC 5321 4.5.1, RFC 2142).
bool is_role_address(const mail::Mailbox& recipient);

}  // namespace mailreeve::judge
