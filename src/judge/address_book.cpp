// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "judge/recipients.h"

namespace mailreeve::judge {
namespace {

using Kind = RecipientDecision::Kind;

class AnyDirectory final : public Directory {
 public:
  Task<Answer> find(mail::Mailbox) const override { co_return Answer::found; }
};

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// Characters by which an inner server might route a local part on, open a file or start a program.
bool might_be_routed(std::string_view local) {
  return local.find_first_of("@%!:;,<>|\"\\") != std::string_view::npos || local.starts_with('/');
}

/// The same local part at another domain; nothing when that is longer than an address may be.
std::optional<mail::Mailbox> at_domain(const mail::Mailbox& mailbox, const mail::Domain& domain) {
  if (mailbox.domain() == domain) return mailbox;
  std::string text = mailbox.text();
  text.replace(text.size() - mailbox.domain().text().size(), std::string::npos, domain.text());
  auto moved = mail::Mailbox::parse(text, mail::Utf8::allow);
  if (!moved) return std::nullopt;
  return std::move(*moved);
}

Kind kind_of(Directory::Answer answer, Kind missing) {
  switch (answer) {
    case Directory::Answer::found:
      return Kind::ours;
    case Directory::Answer::missing:
      return missing;
    case Directory::Answer::unavailable:
      break;
  }
  return Kind::unavailable;
}

}  // namespace

Task<Directory::Answer> Directory::find_literally(mail::Mailbox) const { co_return Answer::missing; }

Task<Directory::Verified> Directory::verify(mail::Mailbox, std::string) const { co_return Verified::unsupported; }

const std::vector<NamedPerson>& Directory::people() const {
  static const std::vector<NamedPerson> nobody;
  return nobody;
}

std::unique_ptr<Directory> make_any_directory() { return std::make_unique<AnyDirectory>(); }

AddressBook::AddressBook(RecipientOptions options) : options_{std::move(options)} {
  for (std::size_t i = 0; i < options_.domains.size(); ++i) {
    by_name_.emplace(options_.domains[i].name.text(), i);
    for (const auto& alias : options_.domains[i].aliases) by_name_.emplace(alias.text(), i);
  }
}

bool AddressBook::may_relay(const IpAddress& client) const {
  return std::ranges::any_of(options_.relay_networks, [&](const auto& network) { return network.contains(client); });
}

bool AddressBook::is_ours(const mail::Domain& domain) const { return by_name_.contains(domain.text()); }

Task<Directory::Verified> AddressBook::verify(mail::Mailbox recipient, std::string password) const {
  const auto found = by_name_.find(recipient.domain().text());
  if (found == by_name_.end()) co_return Directory::Verified::unsupported;
  const auto& directory = options_.domains[found->second].recipients;
  if (!directory) co_return Directory::Verified::unavailable;
  const auto verified = co_await directory->verify(std::move(recipient), std::move(password));
  co_return verified;
}

bool AddressBook::knows_passwords() const {
  return std::ranges::any_of(
      options_.domains, [](const auto& domain) { return domain.recipients && domain.recipients->knows_passwords(); });
}

Task<RecipientDecision> AddressBook::decide(mail::ForwardPath path, IpAddress client) const {
  RecipientDecision decision;
  if (path.has_source_route) co_return decision;
  if (path.is_bare_postmaster()) {
    if (options_.domains.empty()) co_return decision;
    const auto& first = options_.domains.front().name;
    auto postmaster = mail::Mailbox::parse("postmaster@" + first.text());
    if (!postmaster) co_return decision;
    co_return RecipientDecision{Kind::ours, std::move(*postmaster), first.text()};
  }
  // A literal names a machine, not a domain of ours; accepting it would take mail past the list of domains.
  if (path.mailbox->domain().is_literal()) co_return decision;

  const auto found = by_name_.find(path.mailbox->domain().text());
  if (found == by_name_.end()) {
    if (may_relay(client)) {
      decision.kind = Kind::relay;
      decision.recipient = std::move(path.mailbox);
    }
    co_return decision;
  }

  const DomainOptions& domain = options_.domains[found->second];
  decision.domain = domain.name.text();
  decision.recipient = at_domain(*path.mailbox, domain.name);
  if (!decision.recipient) {
    decision.kind = Kind::unknown;
    co_return decision;
  }
  const std::string& local = decision.recipient->local();
  if (equals_ignoring_case(local, "postmaster") || equals_ignoring_case(local, "abuse")) {
    decision.kind = Kind::ours;
  } else if (!domain.recipients) {
    decision.kind = Kind::unavailable;
  } else if (might_be_routed(local)) {
    const auto answer = co_await domain.recipients->find_literally(*decision.recipient);
    decision.kind = kind_of(answer, Kind::denied);
  } else {
    const auto answer = co_await domain.recipients->find(*decision.recipient);
    decision.kind = kind_of(answer, Kind::unknown);
  }
  co_return decision;
}

}  // namespace mailreeve::judge
