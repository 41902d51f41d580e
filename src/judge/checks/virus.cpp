// SPDX-License-Identifier: Apache-2.0
// Does an anti-virus engine know something in this message?
#include <fmt/format.h>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"virus.found", 20.0, "An anti-virus engine knows it."},
    {"virus.unchecked", 1.0, "No engine could look, and the settings let such mail in."},
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
    if (!options_.clamd || context.virus == nullptr || !facts.body) co_return findings;
    const auto answer = co_await context.virus->look(context.spawner, *options_.clamd, facts.body, options_.time_limit);
    switch (answer.kind) {
      case VirusAnswer::Kind::clean:
        break;
      case VirusAnswer::Kind::found:
        findings.push_back({"virus.found", kinds[0].weight, answer.name, {}});
        break;
      case VirusAnswer::Kind::unknown: {
        const auto why = fmt::format("{}: {}", options_.clamd->text, answer.why);
        context.log.warning("virus.unavailable", {{"engine", options_.clamd->text}, {"error", answer.why}});
        if (options_.accept_when_down) {
          findings.push_back({"virus.unchecked", kinds[1].weight, why, {}});
        } else {
          findings.push_back({"virus.unavailable", 0, why, {}});
          facts.unexamined = {"virus.unavailable", why};
        }
        break;
      }
    }
    co_return findings;
  }

 private:
  VirusOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_virus(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Virus>(options.virus);
}

}  // namespace mailreeve::judge
