// SPDX-License-Identifier: Apache-2.0
// Could the author in From be answered? Weighs less than the envelope's: many write from names that only send.
#include "judge/checks/all.h"
#include "judge/checks/reachability.h"

namespace mailreeve::judge {
namespace {

using Kind = Reachability::Kind;

constexpr FindingKind kinds[] = {
    {"from-domain.no-domain", 3.0, "The domain in From does not exist.", "1.8"},
    {"from-domain.no-mail", 1.5, "The domain in From has neither MX nor address.", "1.8"},
    {"from-domain.null-mx", 1.0, "The domain in From says that it takes no mail (RFC 7505).", "7.27"},
    {"from-domain.private-mx", 2.0, "Mail to the author would lead to private addresses."},
    {"from-domain.bad-mx", 1.0, "No mail exchanger of the domain in From has an address.", "1.8"},
    {"from-domain.temperror", 0, "The domain in From could not be looked up.", "4.3"},
};
constexpr CheckInfo about{"from-domain", Stage::message, "Could the author in From be answered?",
                          "RFC 5322 3.6.2, RFC 7505 4.2", kinds};
constexpr std::size_t most_domains = 5;

const FindingKind* kind_of(Kind kind) {
  switch (kind) {
    case Kind::fine:
      return nullptr;
    case Kind::no_domain:
      return &kinds[0];
    case Kind::no_mail:
      return &kinds[1];
    case Kind::null_mx:
      return &kinds[2];
    case Kind::private_mx:
      return &kinds[3];
    case Kind::bad_mx:
      return &kinds[4];
    case Kind::unknown:
      return &kinds[5];
  }
  return nullptr;
}

class FromDomain final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    std::size_t asked = 0;
    for (const auto& domain : facts.authors.domains) {
      // The envelope's check has asked that already, and counted it.
      if (facts.sender && facts.sender->domain().text() == domain) continue;
      if (domain.starts_with('[') || ++asked > most_domains) continue;
      auto reach = co_await reachability_of(context.dns, domain);
      const auto* kind = kind_of(reach.kind);
      if (kind != nullptr) findings.push_back({std::string{kind->code}, kind->weight, std::move(reach.evidence), {}});
    }
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_from_domain(const CheckOptions&, ListWatch&) { return std::make_unique<FromDomain>(); }

}  // namespace mailreeve::judge
