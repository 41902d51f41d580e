// SPDX-License-Identifier: Apache-2.0
// Does the domain that people see in From stand behind this message?
#include <fmt/format.h>

#include <algorithm>

#include "auth/authentication_results.h"
#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

using auth::DmarcPolicy;
using auth::DmarcResult;

constexpr FindingKind kinds[] = {
    {"dmarc.pass", -1.0, "The domain in From stands behind this message."},
    {"dmarc.none", 0, "The domain in From publishes no DMARC policy."},
    {"dmarc.fail", 1.0, "The domain in From does not stand behind this message, and asks for nothing to be done."},
    {"dmarc.quarantine", 4.0, "The domain in From does not stand behind this message, and asks to set it aside."},
    {"dmarc.reject", 6.0, "The domain in From does not stand behind this message, and asks to refuse it."},
    {"dmarc.arc-override", 0, "DMARC fails, but a trusted forwarder saw it pass."},
    {"dmarc.temperror", 0, "The policy of the domain in From could not be looked up.", "4.3"},
    {"from.missing", 2.0, "The message has no author (no From).", "6.0"},
    {"from.multiple", 3.0, "The message has several From fields, or authors of several domains.", "6.0"},
    {"from.malformed", 1.5, "The From field cannot be read.", "6.0"},
};
constexpr CheckInfo about{"dmarc", Stage::alignment, "Does the domain in From stand behind this message?",
                          "RFC 9989, RFC 8617 7.2", kinds};
constexpr std::size_t most_domains = 5;

Finding finding(std::string_view code, std::string evidence) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return {std::string{code}, kind.weight, std::move(evidence), {}};
  }
  return {};
}

auth::DmarcQuestion question_of(const Facts& facts, const std::string& domain) {
  auth::DmarcQuestion question;
  question.from_domain = domain;
  const auto& spf = facts.sender ? facts.spf : facts.spf_helo;
  if (spf) {
    question.spf = spf->result;
    question.spf_domain = spf->domain;
  }
  for (const auto& signature : facts.dkim) {
    const bool proves = signature.result == auth::DkimResult::pass && !signature.partial_body;
    const auto result =
        proves || signature.result != auth::DkimResult::pass ? signature.result : auth::DkimResult::policy;
    question.dkim.emplace_back(signature.domain, result);
  }
  return question;
}

/// A chain that holds, whose newest sealer is trusted, and whose words say that DMARC passed there (RFC 8617 7.2.1).
const auth::ArcSet* trusted_pass(const Facts& facts, const ArcOptions& options) {
  if (!facts.arc || facts.arc->result != auth::ArcResult::pass || facts.arc->sets.empty()) return nullptr;
  const auto& newest = facts.arc->sets.back();
  if (!options.trusted.contains(newest.sealer)) return nullptr;
  const auto results = auth::parse_authentication_results(newest.results);
  if (!results) return nullptr;
  const auto passed = [](const auth::AuthMethod& method) {
    return method.method == "dmarc" && method.result == "pass";
  };
  return std::ranges::any_of(results->methods, passed) ? &newest : nullptr;
}

class Dmarc final : public Check {
 public:
  explicit Dmarc(ArcOptions arc) : arc_{std::move(arc)} {}
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.message) co_return findings;
    const auto& authors = facts.authors;
    if (authors.fields == 0) findings.push_back(finding("from.missing", authors.problem));
    const bool several = authors.fields > 1 || authors.domains.size() > 1;
    if (several) {
      findings.push_back(finding("from.multiple", authors.problem.empty()
                                                      ? fmt::format("From names {} domains", authors.domains.size())
                                                      : authors.problem));
    } else if (authors.fields == 1 && !authors.problem.empty()) {
      findings.push_back(finding("from.malformed", authors.problem));
    }
    // RFC 9989 5.3.1: of several domains the strictest answer stands.
    std::optional<auth::DmarcOutcome> worst;
    for (std::size_t i = 0; i < std::min(authors.domains.size(), most_domains); ++i) {
      if (authors.domains[i].starts_with('[')) continue;
      auto outcome = co_await auth::check_dmarc(context.dns, question_of(facts, authors.domains[i]));
      if (!worst || harshness(outcome) > harshness(*worst)) worst = std::move(outcome);
    }
    if (!worst) co_return findings;
    // Which of several authors is shown differs between mail programs: none of them is proven.
    if (several && worst->result == DmarcResult::pass) worst->result = DmarcResult::none;
    facts.dmarc = std::move(worst);
    findings.push_back(conclude(facts));
    co_return findings;
  }

 private:
  static int harshness(const auth::DmarcOutcome& outcome) {
    if (outcome.result == DmarcResult::fail) return 10 + static_cast<int>(outcome.policy);
    return outcome.result == DmarcResult::temperror ? 5 : outcome.result == DmarcResult::none ? 1 : 0;
  }

  Finding conclude(const Facts& facts) const {
    const auto& dmarc = *facts.dmarc;
    switch (dmarc.result) {
      case DmarcResult::pass:
        return finding("dmarc.pass",
                       dmarc.dkim_aligned.empty()
                           ? fmt::format("{} by SPF of {}", dmarc.from_domain, dmarc.spf_aligned)
                           : fmt::format("{} by a signature of {}", dmarc.from_domain, dmarc.dkim_aligned));
      case DmarcResult::none:
      case DmarcResult::permerror:
        return finding("dmarc.none", dmarc.problem.empty() ? fmt::format("{} publishes no policy", dmarc.from_domain)
                                                           : dmarc.problem);
      case DmarcResult::temperror:
        return finding("dmarc.temperror", dmarc.problem);
      case DmarcResult::fail:
        break;
    }
    const auto evidence = fmt::format("neither SPF nor a signature proves {}, which asks for p={}{}", dmarc.from_domain,
                                      auth::name(dmarc.published), dmarc.testing ? " but is testing" : "");
    if (const auto* set = trusted_pass(facts, arc_)) {
      return finding("dmarc.arc-override", fmt::format("{}; {} saw it pass", evidence, set->sealer));
    }
    const auto* code = dmarc.policy == DmarcPolicy::reject       ? "dmarc.reject"
                       : dmarc.policy == DmarcPolicy::quarantine ? "dmarc.quarantine"
                                                                 : "dmarc.fail";
    return finding(code, evidence);
  }

  ArcOptions arc_;
};

}  // namespace

std::unique_ptr<Check> make_dmarc(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Dmarc>(options.arc);
}

}  // namespace mailreeve::judge
