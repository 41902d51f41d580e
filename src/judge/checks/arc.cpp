// SPDX-License-Identifier: Apache-2.0
// What did those who handled this message before us find, and has nobody changed their words?
#include <fmt/format.h>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

using auth::ArcResult;

constexpr FindingKind kinds[] = {
    {"arc.pass", 0, "The chain of those who forwarded this message holds."},
    {"arc.fail", 0.5, "The chain of those who forwarded this message is broken.", "7.29"},
    {"arc.temperror", 0, "A key of the chain could not be looked up.", "7.29"},
};
constexpr CheckInfo about{"arc", Stage::message, "Does the chain of those who forwarded this message hold?", "RFC 8617",
                          kinds};

class Arc final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.message) co_return findings;
    facts.arc = co_await auth::verify_arc(*facts.message, context.dns, context.clock.now());
    const auto& arc = *facts.arc;
    if (arc.result == ArcResult::none) co_return findings;
    const auto& kind = kinds[arc.result == ArcResult::pass ? 0 : arc.result == ArcResult::fail ? 1 : 2];
    auto evidence = fmt::format("{} sets", arc.sets.size());
    if (!arc.sets.empty()) evidence += fmt::format(", the newest by {}", arc.sets.back().sealer);
    if (!arc.reason.empty()) evidence += ": " + arc.reason;
    findings.push_back({std::string{kind.code}, kind.weight, std::move(evidence), {}});
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_arc(const CheckOptions&, ListWatch&) { return std::make_unique<Arc>(); }

}  // namespace mailreeve::judge
