// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "auth/dmarc.h"
#include "mail/address.h"
#include "mail/characters.h"

namespace mailreeve::auth {

Authors authors_of(const mail::Header& header) {
  Authors authors;
  const auto fields = header.all("From");
  authors.fields = static_cast<unsigned>(fields.size());
  if (fields.empty()) {
    authors.problem = "there is no From field";
    return authors;
  }
  if (fields.size() > 1) authors.problem = fmt::format("there are {} From fields", fields.size());
  for (const auto* field : fields) {
    auto list = mail::parse_address_list(field->value);
    const bool odd = !list.well_formed || field->odd_name;
    if (authors.problem.empty() && odd) authors.problem = "From is malformed";
    for (auto& address : list.addresses) {
      const auto domain = mail::Domain::parse(address.domain);
      if (domain) {
        const auto& text = domain->text();
        if (std::ranges::find(authors.domains, text) == authors.domains.end()) authors.domains.push_back(text);
      } else if (authors.problem.empty()) {
        authors.problem = "an address in From has no valid domain";
      }
      authors.addresses.push_back(std::move(address));
    }
  }
  if (authors.problem.empty() && authors.addresses.empty()) authors.problem = "From names nobody";
  return authors;
}

}  // namespace mailreeve::auth
