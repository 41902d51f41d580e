// SPDX-License-Identifier: Apache-2.0
#include "judge/directories.h"

namespace mailreeve::judge {

Task<Directory::Answer> CallaheadDirectory::find(mail::Mailbox address) const {
  auto* prober = prober_.load();
  const auto own = by_domain_.find(address.domain().text());
  const bool has_own = options_.host.empty() && own != by_domain_.end();
  const auto server = IpAddress::parse(has_own ? own->second.first : options_.host);
  const auto port = has_own ? own->second.second : options_.port;
  if (prober == nullptr || !server) co_return Answer::unavailable;
  const auto answer = co_await prober->recipient(*server, port, std::nullopt, std::move(address), options_.timeout);
  switch (answer.kind) {
    case ProbeAnswer::Kind::accepted:
      co_return Answer::found;
    case ProbeAnswer::Kind::refused:
      co_return Answer::missing;
    default:
      co_return Answer::unavailable;
  }
}

}  // namespace mailreeve::judge
