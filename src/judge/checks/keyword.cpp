// SPDX-License-Identifier: Apache-2.0
// Does one of the operator's patterns match?
#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"keyword.*", 0, "A pattern of [[checks.keyword.rule]] matches; name and weight are set there."},
};
constexpr CheckInfo about{"keyword", Stage::alignment, "Does one of the operator's patterns match?", "", kinds};

class Keyword final : public Check {
 public:
  explicit Keyword(std::shared_ptr<const KeywordSet> set) : set_{std::move(set)} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext&) const override {
    Findings findings;
    if (!set_ || !facts.content || !facts.message) co_return findings;
    const bool has_header = facts.message->header_complete() && !facts.message->header_too_big();
    const auto header = has_header ? std::string_view{facts.message->header().bytes()} : std::string_view{};
    for (auto& hit : set_->search(*facts.content, header)) {
      const auto& rule = set_->rules()[hit.rule];
      findings.push_back({"keyword." + rule.name, rule.weight, std::move(hit.evidence), {}});
    }
    co_return findings;
  }

 private:
  std::shared_ptr<const KeywordSet> set_;
};

}  // namespace

std::unique_ptr<Check> make_keyword(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Keyword>(options.keywords);
}

}  // namespace mailreeve::judge
