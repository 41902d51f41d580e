// SPDX-License-Identifier: Apache-2.0
// Is the client's address on a list, bad or good? (RFC 5782)
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"
#include "judge/checks/list_answer.h"
#include "judge/checks/side_by_side.h"
#include "judge/list_watch.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"dnsbl.*", 0,
     "The client's address is on a DNS list; name and weight are set at the list (a negative one welcomes)."},
    {"dnsbl.refused", 0, "A list would not answer us: it says nothing about the client."},
    {"dnsbl.temperror", 0, "A list could not be asked."},
};
constexpr CheckInfo about{"dnsbl", Stage::connect, "Is the client's address on a DNS list?", "RFC 5782", kinds};

class Dnsbl final : public Check {
 public:
  Dnsbl(DnsblOptions options, ListWatch& watch) : options_{std::move(options)}, watch_{watch} {}
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    std::vector<Task<Asked>> tasks;
    for (const auto& zone : options_.lists) {
      if (watch_.is_usable(zone.zone)) tasks.push_back(ask(context.dns, zone, facts.client()));
    }
    if (tasks.empty()) co_return findings;
    const auto count = tasks.size();
    auto answers = co_await side_by_side(context.spawner, std::move(tasks), options_.time_limit, context.owner.lock());
    std::ranges::sort(answers, {}, &Asked::zone);  // as they came would be another order each time
    for (auto& [zone, verdict] : answers) {
      if (!verdict.refusal.empty()) {
        watch_.saw_refusal(zone, verdict.refusal);
        findings.push_back({"dnsbl.refused", 0, fmt::format("{} answers {}", zone, verdict.refusal), {}});
      }
      if (verdict.failed) findings.push_back({"dnsbl.temperror", 0, fmt::format("{} does not answer", zone), {}});
      for (auto& finding : verdict.findings) findings.push_back(std::move(finding));
    }
    if (answers.size() < count) {
      findings.push_back(
          {"dnsbl.temperror", 0, fmt::format("{} of {} lists were too slow", count - answers.size(), count), {}});
    }
    co_return findings;
  }

 private:
  struct Asked {
    std::string zone;
    ListVerdict verdict;
  };
  static Task<Asked> ask(dns::Resolver& resolver, ListZone zone, IpAddress client) {
    auto verdict = co_await ask_list(resolver, zone, dns::reversed(client), client.text());
    co_return Asked{zone.zone, std::move(verdict)};
  }

  DnsblOptions options_;
  ListWatch& watch_;
};

}  // namespace

std::unique_ptr<Check> make_dnsbl(const CheckOptions& options, ListWatch& watch) {
  return std::make_unique<Dnsbl>(options.dnsbl, watch);
}

}  // namespace mailreeve::judge
