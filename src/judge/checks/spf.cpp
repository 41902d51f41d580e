// SPDX-License-Identifier: Apache-2.0
// May this client send for the envelope sender's domain, and for the name in HELO?
#include <fmt/format.h>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

using auth::Implied;
using auth::SpfResult;

constexpr FindingKind kinds[] = {
    {"spf.pass", -0.5, "The sender's domain permits this client."},
    {"spf.fail", 4.0, "The sender's domain says that this client may not send for it.", "7.23"},
    {"spf.softfail", 1.5, "The sender's domain says that this client probably may not send for it.", "7.23"},
    {"spf.neutral", 0.3, "The sender's domain says nothing about this client."},
    {"spf.none", 0.5, "The sender's domain publishes no SPF record, and what it would imply is not known."},
    {"spf.none.implied-pass", 0, "No SPF record, but the client is near the domain's own MX or addresses."},
    {"spf.none.implied-fail", 1.5, "No SPF record, and the client is nowhere near the domain's MX and addresses."},
    {"spf.permerror", 1.0, "The sender's SPF record is broken.", "7.24"},
    {"spf.temperror", 0, "The sender's SPF record could not be looked up.", "7.24"},
    {"spf.helo.fail", 2.0, "The domain in HELO says that this client is not it.", "7.23"},
};
constexpr CheckInfo about{"spf", Stage::mail, "May this client send for this sender?", "RFC 7208", kinds};

Finding finding(std::string_view code, std::string evidence) {
  for (const auto& kind : kinds) {
    if (kind.code == code) return {std::string{code}, kind.weight, std::move(evidence), {}};
  }
  return {std::string{code}, 0, std::move(evidence), {}};
}

std::string evidence_of(const auth::SpfOutcome& spf, const IpAddress& client) {
  const auto who = client.text();
  std::string text;
  switch (spf.result) {
    case SpfResult::pass:
      text = fmt::format("{} permits {} ({})", spf.domain, who, spf.matched);
      break;
    case SpfResult::fail:
      text = fmt::format("{} does not permit {} ({})", spf.domain, who, spf.matched);
      break;
    case SpfResult::softfail:
      text = fmt::format("{} discourages {} ({})", spf.domain, who, spf.matched);
      break;
    case SpfResult::neutral:
      text = fmt::format("{} says nothing about {}", spf.domain, who);
      break;
    case SpfResult::none:
      text = fmt::format("{} publishes no SPF record", spf.domain);
      break;
    case SpfResult::temperror:
    case SpfResult::permerror:
      text = spf.problem;
      break;
  }
  if (!spf.explanation.empty()) text += ": " + spf.explanation;
  return text;
}

class Spf final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    const auth::SpfQuestion question{facts.client(), facts.helo(), facts.sender ? facts.sender->text() : std::string{},
                                     context.own.host_name};
    facts.spf_helo = co_await auth::check_spf(context.dns, question, auth::SpfIdentity::helo);
    if (!facts.sender) {
      // RFC 7208 2.4: the null sender's identity is postmaster at the HELO name.
      const auto& helo = *facts.spf_helo;
      if (helo.result != SpfResult::none) {
        findings.push_back(finding(fmt::format("spf.{}", auth::name(helo.result)), evidence_of(helo, facts.client())));
      }
      co_return findings;
    }
    if (facts.spf_helo->result == SpfResult::fail) {
      findings.push_back(finding("spf.helo.fail", evidence_of(*facts.spf_helo, facts.client())));
    }
    facts.spf = co_await auth::check_spf(context.dns, question, auth::SpfIdentity::mail_from);
    const auto& spf = *facts.spf;
    if (spf.result != SpfResult::none) {
      findings.push_back(finding(fmt::format("spf.{}", auth::name(spf.result)), evidence_of(spf, facts.client())));
      co_return findings;
    }
    facts.implied = co_await auth::implied_spf(context.dns, spf.domain, facts.client());
    const auto* code = facts.implied == Implied::pass   ? "spf.none.implied-pass"
                       : facts.implied == Implied::fail ? "spf.none.implied-fail"
                                                        : "spf.none";
    findings.push_back(finding(code, evidence_of(spf, facts.client())));
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_spf(const CheckOptions&, ListWatch&) { return std::make_unique<Spf>(); }

}  // namespace mailreeve::judge
