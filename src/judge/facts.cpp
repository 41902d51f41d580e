// SPDX-License-Identifier: Apache-2.0
#include "judge/facts.h"

#include <algorithm>

namespace mailreeve::judge {

std::vector<std::string> Facts::proven_domains() const {
  std::vector<std::string> domains;
  const auto add = [&domains](const std::string& domain) {
    if (!domain.empty() && std::ranges::find(domains, domain) == domains.end()) domains.push_back(domain);
  };
  if (sender && spf && spf->result == auth::SpfResult::pass) add(spf->domain);
  for (const auto& signature : dkim) {
    // A signature that leaves a part of the body uncovered proves nothing about the message as it is.
    if (signature.result == auth::DkimResult::pass && !signature.partial_body) add(signature.domain);
  }
  return domains;
}

}  // namespace mailreeve::judge
