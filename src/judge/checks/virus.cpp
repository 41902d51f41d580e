// SPDX-License-Identifier: Apache-2.0
// Does an anti-virus engine know something in this message?
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"virus.found", 20.0, "An anti-virus engine knows it."},
    {"virus.unchecked", 1.0, "No engine could look, and the settings let such mail in."},
    {"virus.too-large", 1.0, "It is larger than an engine takes, which has not looked at it."},
    {"virus.unavailable", 0, "No engine could look: the sender is asked to come back."},
};
constexpr CheckInfo about{"virus", Stage::message, "Does an anti-virus engine know something in it?", "clamd(8)",
                          kinds};

class Virus final : public Check {
 public:
  explicit Virus(VirusOptions options) : options_{std::move(options)} {}
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (context.virus == nullptr || !facts.body) co_return findings;
    for (const auto& engine : options_.engines) {
      const auto answer = co_await context.virus->look(context.spawner, engine, facts.body, options_.time_limit);
      if (answer.kind == VirusAnswer::Kind::found) {
        findings.push_back({"virus.found", kinds[0].weight, answer.name, {}});
        facts.unexamined.reset();  // whatever another engine would have said
        break;
      }
      if (answer.kind == VirusAnswer::Kind::too_large) note_too_large(facts, context, engine, findings);
      if (answer.kind == VirusAnswer::Kind::unknown) note_unknown(facts, context, engine, answer.why, findings);
    }
    co_return findings;
  }

 private:
  /// Coming back would not make it smaller.
  void note_too_large(const Facts& facts, const CheckContext& context, const VirusEngineAddress& engine,
                      Findings& findings) const {
    constexpr std::string_view advice = "let it take what limits.message-size takes: clamd's StreamMaxLength";
    context.log.warning("virus.too-large", {{"engine", engine.text}, {"size", facts.size}, {"advice", advice}});
    // Who lets mail in unchecked lets this in; for others the policy holds it, since it was not examined.
    const auto& kind = kinds[options_.accept_when_down ? 1 : 2];
    add_note(findings,
             {std::string{kind.code}, {}, fmt::format("{} takes no message of {} octets", engine.text, facts.size)},
             kind.weight);
  }

  void note_unknown(Facts& facts, const CheckContext& context, const VirusEngineAddress& engine, const std::string& why,
                    Findings& findings) const {
    context.log.warning(
        "virus.unavailable",
        {{"engine", engine.text},
         {"error", why},
         {"advice", options_.accept_when_down ? "mail comes in unchecked until it answers again"
                                              : "senders are told to come back until it answers again"}});
    const auto evidence = fmt::format("{}: {}", engine.text, why);
    const auto* code = options_.accept_when_down ? "virus.unchecked" : "virus.unavailable";
    const bool is_known = std::ranges::any_of(findings, [code](const auto& finding) { return finding.code == code; });
    if (!is_known)
      findings.push_back({code, options_.accept_when_down ? kinds[1].weight : kinds[3].weight, evidence, {}});
    if (!options_.accept_when_down) facts.unexamined = {code, evidence};
  }

  VirusOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_virus(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Virus>(options.virus);
}

}  // namespace mailreeve::judge
