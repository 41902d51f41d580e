// SPDX-License-Identifier: Apache-2.0
// Does the client's address have a name that leads back to it? Honest servers nearly always pass, many home connections
// do not.
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "judge/checks/generic_name.h"

namespace mailreeve::judge {
namespace {

constexpr std::size_t most_names = 10;  // the client's network publishes the names: it must not choose our workload

constexpr FindingKind kinds[] = {
    {"rdns.none", 1.5, "The client's address has no name in reverse DNS.", "7.25"},
    {"rdns.mismatch", 1.0, "The address has names, but none of them leads back to it.", "7.25"},
    {"rdns.generic", 2.0, "The address's name looks like a dial-up, a dynamic or an unnamed host.", "7.25"},
    {"rdns.temperror", 0, "Reverse DNS could not be asked."},
};
constexpr CheckInfo about{"rdns", Stage::connect, "Does the client's address have a name that leads back to it?",
                          "RFC 1912 2.1, RFC 8601 2.7.3, RFC 7372 3.3", kinds};

class ReverseDns final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    const auto client = facts.client();
    auto& name = facts.session->name;
    auto names = co_await context.dns.names_of(client);
    name.asked = true;
    name.status = names.status;
    if (dns::is_failure(names.status)) {
      co_return Findings{{"rdns.temperror", 0, fmt::format("{}: {}", client.text(), dns::name(names.status)), {}}};
    }
    if (!names.found()) co_return Findings{{"rdns.none", 1.5, fmt::format("{} has no name", client.text()), {}}};
    if (names.records.size() > most_names) names.records.resize(most_names);
    name.names = names.records;
    bool all_answered = true;
    for (const auto& candidate : names.records) {
      const auto found = co_await context.dns.addresses(candidate, client.is_v4() ? dns::Type::a : dns::Type::aaaa);
      all_answered = all_answered && !dns::is_failure(found.status);
      if (std::ranges::find(found.records, client) == found.records.end()) continue;
      name.confirmed = candidate;
      break;
    }
    Findings findings;
    if (name.confirmed.empty() && !all_answered) {
      name.status = dns::Status::servfail;
      findings.push_back(
          {"rdns.temperror", 0, fmt::format("the names of {} could not be looked up", client.text()), {}});
    } else if (name.confirmed.empty()) {
      findings.push_back(
          {"rdns.mismatch",
           1.0,
           fmt::format("{} is called {}, which does not lead back to it", client.text(), names.records.front()),
           {}});
    }
    const auto& shown = name.confirmed.empty() ? names.records.front() : name.confirmed;
    if (is_generic_name(shown, client)) {
      findings.push_back({"rdns.generic", 2.0, fmt::format("{} is called {}", client.text(), shown), {}});
    }
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_rdns(const CheckOptions&, ListWatch&) { return std::make_unique<ReverseDns>(); }

}  // namespace mailreeve::judge
