// SPDX-License-Identifier: Apache-2.0
// Is the message like the spam, or like the ham, that people here have sorted?
#include "judge/bayes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"bayes.spam", 5.0, "Its words are those of mail learnt as spam; less weight the less sure."},
    {"bayes.ham", -2.0, "Its words are those of mail learnt as ham; less weight the less sure."},
};
constexpr CheckInfo about{"bayes", Stage::alignment, "Is it like the spam, or like the ham, that people here sorted?",
                          "", kinds};

struct Step {
  double from;  // likeness to the class
  double part;  // of the finding's weight
};
constexpr Step steps[] = {{0.999, 1.0}, {0.95, 0.6}, {0.8, 0.3}};
constexpr std::size_t shown_words = 6;

double part_of(double likeness) {
  for (const auto& step : steps) {
    if (likeness >= step.from) return step.part;
  }
  return 0;
}

std::string evidence_of(const BayesOpinion& opinion, bool is_spam) {
  // Rounded down: 100 % would claim more than anybody knows.
  const double percent = std::floor(1000 * (is_spam ? opinion.likeness : 1 - opinion.likeness)) / 10;
  auto text = fmt::format("{:.1f} % {}", std::min(percent, 99.9), is_spam ? "spam" : "ham");
  std::size_t shown = 0;
  for (const auto& clue : opinion.clues) {
    if ((clue.likeness > 0.5) != is_spam || shown == shown_words) continue;
    text += fmt::format("{} \"{}\" ({} spam, {} ham)", shown == 0 ? "; strongest:" : ",",
                        scan::clean_text(clue.word, 40), clue.count.spam, clue.count.ham);
    ++shown;
  }
  return text;
}

class Bayes final : public Check {
 public:
  explicit Bayes(BayesOptions options) : options_{options} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (context.words == nullptr || !facts.content) co_return findings;
    const auto scope = scope_for(facts, *context.words);
    if (!scope) co_return findings;
    const bool has_header = facts.message && facts.message->header_complete() && !facts.message->header_too_big();
    const MessageWords words{*facts.content, has_header ? &facts.message->header() : nullptr};
    const auto opinion = weigh(words, *context.words, *scope);
    const bool is_spam = opinion.likeness > 0.5;
    const auto part = part_of(is_spam ? opinion.likeness : 1 - opinion.likeness);
    if (part > 0) {
      const auto& kind = kinds[is_spam ? 0 : 1];
      findings.push_back({std::string{kind.code}, kind.weight * part, evidence_of(opinion, is_spam), {}});
    }
    co_return findings;
  }

 private:
  bool has_enough(const store::WordCounts& counts, std::string_view scope) const {
    const auto messages = counts.messages(scope);
    return messages.spam >= options_.minimum && messages.ham >= options_.minimum;
  }

  std::optional<std::string> scope_for(const Facts& facts, const store::WordCounts& counts) const {
    if (options_.per_domain && !facts.recipients.empty()) {
      auto domain = facts.recipients.front().domain().text();
      const bool is_one = std::ranges::all_of(
          facts.recipients, [&](const auto& recipient) { return recipient.domain().text() == domain; });
      if (is_one && has_enough(counts, domain)) return domain;
    }
    if (has_enough(counts, {})) return std::string{};
    return std::nullopt;
  }

  BayesOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_bayes(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Bayes>(options.bayes);
}

}  // namespace mailreeve::judge
