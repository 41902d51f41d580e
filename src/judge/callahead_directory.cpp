// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/random.h"
#include "judge/directories.h"

namespace mailreeve::judge {
namespace {

constexpr std::chrono::hours doubt_every{1};
constexpr std::size_t domain_limit = 10'000;

/// An address that exists only where every address does.
std::optional<mail::Mailbox> impossible_address(const std::string& domain) {
  SystemRandom random;
  auto address =
      mail::Mailbox::parse(fmt::format("mailreeve-probe-{:016x}@{}", random.next(), domain), mail::Utf8::allow);
  if (!address) return std::nullopt;
  return std::move(*address);
}

}  // namespace

Task<Directory::Answer> CallaheadDirectory::find(mail::Mailbox address) const {
  auto* prober = prober_.load();
  const auto domain = address.domain().text();
  const auto own = by_domain_.find(domain);
  const bool has_own = options_.host.empty() && own != by_domain_.end();
  const auto server = IpAddress::parse(has_own ? own->second.first : options_.host);
  const auto port = has_own ? own->second.second : options_.port;
  if (prober == nullptr || !server) co_return Answer::unavailable;
  const auto answer = co_await prober->recipient(*server, port, std::nullopt, std::move(address), options_.timeout);
  switch (answer.kind) {
    case ProbeAnswer::Kind::accepted:
      if (is_due(domain)) co_await doubt(*prober, *server, port, domain);
      co_return Answer::found;
    case ProbeAnswer::Kind::refused:
      co_return Answer::missing;
    default:
      co_return Answer::unavailable;
  }
}

bool CallaheadDirectory::is_due(const std::string& domain) const {
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock{mutex_};
  if (doubted_.size() >= domain_limit) doubted_.clear();
  auto& next = doubted_[domain];
  if (next > now) return false;
  next = now + doubt_every;
  return true;
}

Task<void> CallaheadDirectory::doubt(Prober& prober, IpAddress server, std::uint16_t port, std::string domain) const {
  const auto nobody = impossible_address(domain);
  if (!nobody) co_return;
  const auto answer = co_await prober.recipient(server, port, std::nullopt, *nobody, options_.timeout);
  auto* log = log_.load();
  if (answer.kind != ProbeAnswer::Kind::accepted || log == nullptr) co_return;
  log->warning("recipients.accepts-everything",
               {{"domain", domain},
                {"server", server.text()},
                {"advice",
                 "the internal server takes every address of this domain, so unknown recipients are accepted here and "
                 "refused or bounced there; let it refuse them in answer to RCPT, or use another kind of list"}});
}

}  // namespace mailreeve::judge
