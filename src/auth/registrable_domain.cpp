// SPDX-License-Identifier: Apache-2.0
#include <libpsl.h>

#include "auth/dmarc.h"
#include "base/ip.h"
#include "mail/address.h"
#include "mail/characters.h"

namespace mailreeve::auth {

std::string registrable_domain(std::string_view host) {
  // libpsl wants lower case, and would take the end of an address for a name.
  auto name = mail::lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name.empty() || name.front() == '.' || name.front() == '[' || IpAddress::parse(name)) return {};
  static const psl_ctx_t* const list = psl_latest(nullptr);
  if (list == nullptr) return {};
  const auto* found = psl_registrable_domain(list, name.c_str());
  return found == nullptr ? std::string{} : std::string{found};
}

}  // namespace mailreeve::auth
