// SPDX-License-Identifier: Apache-2.0
// Is the client's name in HELO its own? One finding, the worst.
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "mail/address.h"
#include "mail/characters.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"helo.bad-syntax", 2.0, "The name in HELO is neither a host name nor an address literal."},
    {"helo.not-fqdn", 1.5, "The name in HELO has no dot: it is no name in the Internet."},
    {"helo.literal-mismatch", 2.0, "HELO gives an address that is not the client's."},
    {"helo.literal", 0.5, "HELO gives the client's address instead of a name."},
    {"helo.pretends-to-be-us", 5.0, "HELO gives our own name or address."},
    {"helo.unresolvable", 1.0, "The name in HELO does not exist."},
    {"helo.mismatch", 0.3, "The name in HELO leads to other addresses; alone no reason to refuse (RFC 5321 4.1.4)."},
    {"helo.temperror", 0, "The name in HELO could not be looked up."},
};
constexpr CheckInfo about{"helo", Stage::helo, "Is the client's name in HELO its own?",
                          "RFC 5321 4.1.1.1, 4.1.3, 4.1.4", kinds};

Findings one(std::string_view code, std::string evidence) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return {{std::string{code}, kind.weight, std::move(evidence), {}}};
  }
  return {};
}

bool is_own_address(const OwnNames& own, const IpAddress& address) {
  return std::ranges::find(own.addresses, address) != own.addresses.end();
}

class Helo final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    const auto client = facts.client();
    const auto written = facts.helo();
    // A bare address without brackets is a common mistake, and no name.
    if (IpAddress::parse(written)) co_return one("helo.bad-syntax", fmt::format("HELO {}", written));
    const auto domain = mail::Domain::parse(written);
    if (!domain) co_return one("helo.bad-syntax", fmt::format("HELO {}", shown(written)));
    if (domain->is_literal()) {
      const auto& literal = *domain->literal();
      if (is_own_address(context.own, literal) && literal != client) {
        co_return one("helo.pretends-to-be-us", fmt::format("HELO {} from {}", written, client.text()));
      }
      if (literal != client)
        co_return one("helo.literal-mismatch", fmt::format("HELO {} from {}", written, client.text()));
      co_return one("helo.literal", fmt::format("HELO {}", written));
    }
    const auto& name = domain->text();
    const bool ours = name == context.own.host_name || context.own.is_ours(name);
    if (ours && !is_own_address(context.own, client)) {
      co_return one("helo.pretends-to-be-us", fmt::format("HELO {} from {}", name, client.text()));
    }
    if (name.find('.') == std::string::npos) co_return one("helo.not-fqdn", fmt::format("HELO {}", name));
    const auto found = co_await context.dns.addresses(name);
    if (dns::is_failure(found.status)) {
      co_return one("helo.temperror", fmt::format("{}: {}", name, dns::name(found.status)));
    }
    if (!found.found()) co_return one("helo.unresolvable", fmt::format("{}: {}", name, dns::name(found.status)));
    if (std::ranges::find(found.records, client) == found.records.end()) {
      co_return one("helo.mismatch",
                    fmt::format("{} leads to {}, not to {}", name, found.records.front().text(), client.text()));
    }
    co_return Findings{};
  }

 private:
  static std::string shown(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 100)) out += mail::is_printable_ascii(c) ? c : '?';
    return out;
  }
};

}  // namespace

std::unique_ptr<Check> make_helo(const CheckOptions&, ListWatch&) { return std::make_unique<Helo>(); }

}  // namespace mailreeve::judge
