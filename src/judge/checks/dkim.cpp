// SPDX-License-Identifier: Apache-2.0
// Who signed this message, and do the signatures hold?
#include <fmt/format.h>

#include <algorithm>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

using auth::DkimResult;

constexpr FindingKind kinds[] = {
    {"dkim.pass", -0.5, "A signature holds."},
    {"dkim.fail", 1.0, "A signature does not hold: the message was changed, or it is forged.", "7.20"},
    {"dkim.none", 0, "The message is not signed.", "7.20"},
    {"dkim.policy", 0.5, "A signature is right but proves nothing: expired, or by too weak a key.", "7.20"},
    {"dkim.permerror", 0.5, "A signature or its key is broken.", "7.20"},
    {"dkim.temperror", 0, "A signature's key could not be looked up.", "7.20"},
    {"dkim.partial-body", 1.0, "A signature leaves the end of the body uncovered (l=): anything can stand there."},
    {"dkim.weak-key", 0.2, "A signature was made with a key of 1024 bits or less."},
    {"dkim.expired", 0.5, "A signature has expired."},
    {"dkim.not-oversigned", 0, "A second From could be added to the message without breaking the signature."},
    {"dkim.testing", 0, "The signer says that it is only testing (t=y)."},
};
constexpr CheckInfo about{"dkim", Stage::message, "Who signed this message, and do the signatures hold?",
                          "RFC 6376, RFC 8301, RFC 8463", kinds};

void add_once(Findings& findings, std::string_view code, std::string evidence) {
  for (auto& finding : findings) {
    if (finding.code != code) continue;
    if (finding.evidence.size() + evidence.size() < 300) finding.evidence += "; " + evidence;
    return;
  }
  for (const auto& kind : kinds) {
    if (kind.code == code) findings.push_back({std::string{code}, kind.weight, std::move(evidence), {}});
  }
}

class Dkim final : public Check {
 public:
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (!facts.message) co_return findings;
    facts.dkim_looked_at = true;
    facts.dkim = co_await auth::verify_dkim(*facts.message, context.dns, context.clock.now());
    bool passed = false;
    for (const auto& signature : facts.dkim) passed = passed || signature.result == DkimResult::pass;
    for (const auto& signature : facts.dkim) {
      const auto who = signature.domain.empty() ? std::string{"nobody"}
                                                : fmt::format("{} ({})", signature.domain, signature.selector);
      const auto why = signature.reason.empty() ? who : fmt::format("{}: {}", who, signature.reason);
      // Beside one that holds, a broken signature means little: lists break some on their way.
      const bool counts = signature.result == DkimResult::pass || !passed;
      if (counts) add_once(findings, fmt::format("dkim.{}", auth::name(signature.result)), why);
      if (signature.partial_body) add_once(findings, "dkim.partial-body", who);
      if (signature.expired) add_once(findings, "dkim.expired", who);
      if (signature.result != DkimResult::pass) continue;
      if (signature.weak_key) add_once(findings, "dkim.weak-key", fmt::format("{}: {} bits", who, signature.key_bits));
      if (signature.unsigned_from_possible) add_once(findings, "dkim.not-oversigned", who);
      if (signature.testing) add_once(findings, "dkim.testing", who);
    }
    if (facts.dkim.empty()) add_once(findings, "dkim.none", "no signature");
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_dkim(const CheckOptions&, ListWatch&) { return std::make_unique<Dkim>(); }

}  // namespace mailreeve::judge
