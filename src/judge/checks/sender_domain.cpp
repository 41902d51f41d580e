// SPDX-License-Identifier: Apache-2.0
// Could the envelope sender be answered? A bounce to a domain that takes no mail finds nobody.
#include <fmt/format.h>

#include "judge/checks/all.h"
#include "judge/checks/reachability.h"

namespace mailreeve::judge {
namespace {

using Kind = Reachability::Kind;

constexpr FindingKind kinds[] = {
    {"sender.no-domain", 4.0, "The envelope sender's domain does not exist.", "1.8"},
    {"sender.no-mail", 3.0, "The envelope sender's domain has neither MX nor address.", "1.8"},
    {"sender.null-mx", 5.0, "The envelope sender's domain says that it takes no mail (RFC 7505).", "7.27"},
    {"sender.private-mx", 3.0, "Mail to the envelope sender would lead to private addresses."},
    {"sender.bad-mx", 2.0, "No mail exchanger of the envelope sender's domain has an address.", "1.8"},
    {"sender.not-fqdn", 2.0, "The envelope sender's domain has no dot.", "1.8"},
    {"sender.temperror", 0, "The envelope sender's domain could not be looked up.", "4.3"},
};
constexpr CheckInfo about{"sender", Stage::mail, "Could the envelope sender be answered?", "RFC 5321 5.1, RFC 7505 4.2",
                          kinds};

class SenderDomain final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.sender) co_return findings;
    const auto& domain = facts.sender->domain();
    const auto add = [&findings](const FindingKind& kind, std::string evidence) {
      findings.push_back({std::string{kind.code}, kind.weight, std::move(evidence), {}});
    };
    if (domain.is_literal()) {
      if (domain.literal()->is_private()) add(kinds[3], domain.text());
      co_return findings;
    }
    if (domain.text().find('.') == std::string::npos) {
      add(kinds[5], domain.text());
      co_return findings;
    }
    auto reach = co_await reachability_of(context.dns, domain.text());
    switch (reach.kind) {
      case Kind::fine:
        break;
      case Kind::no_domain:
        add(kinds[0], std::move(reach.evidence));
        break;
      case Kind::no_mail:
        add(kinds[1], std::move(reach.evidence));
        break;
      case Kind::null_mx:
        add(kinds[2], std::move(reach.evidence));
        break;
      case Kind::private_mx:
        add(kinds[3], std::move(reach.evidence));
        break;
      case Kind::bad_mx:
        add(kinds[4], std::move(reach.evidence));
        break;
      case Kind::unknown:
        add(kinds[6], std::move(reach.evidence));
        break;
    }
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_sender_domain(const CheckOptions&, ListWatch&) { return std::make_unique<SenderDomain>(); }

}  // namespace mailreeve::judge
