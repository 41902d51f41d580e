// SPDX-License-Identifier: Apache-2.0
#include "judge/bayes.h"

#include <algorithm>
#include <cmath>

namespace mailreeve::judge {
namespace {

constexpr double unknown_likeness = 0.5;
constexpr double unknown_strength = 0.45;  // how many messages the prior is worth
constexpr double least_strength = 0.1;     // a word closer to the middle says nothing
constexpr std::size_t most_clues = 150;
constexpr std::size_t shown_clues = 10;

struct Candidate {
  std::uint32_t feature = 0;
  double likeness = 0.5;
  double strength = 0;
};

/// `of_spam`, `of_ham`: the part of its class that one message is.
double likeness_of(store::WordCount count, double of_spam, double of_ham) {
  const double in_spam = of_spam * count.spam;
  const double in_ham = of_ham * count.ham;
  const double seen = static_cast<double>(count.spam) + static_cast<double>(count.ham);
  const double likeness = in_spam / (in_spam + in_ham);
  return (unknown_strength * unknown_likeness + seen * likeness) / (unknown_strength + seen);
}

/// The probability that a chi-square variable with 2n degrees of freedom is at least `x`.
double chi_square_tail(double x, std::size_t n) {
  const double half = x / 2;
  double term = std::exp(-half);
  double sum = term;
  for (std::size_t i = 1; i < n; ++i) {
    term *= half / static_cast<double>(i);
    sum += term;
  }
  return std::min(sum, 1.0);
}

/// The strongest, none of them over words that a stronger one has used.
std::vector<Candidate> choose(std::vector<Candidate> candidates, const MessageWords& words) {
  const auto weaker = [](const auto& a, const auto& b) {
    return a.strength != b.strength ? a.strength < b.strength : a.feature > b.feature;
  };
  std::vector<char> used(words.word_count());
  std::vector<Candidate> chosen;
  // A heap: of a thousand words only the strongest are wanted in order.
  std::ranges::make_heap(candidates, weaker);
  while (!candidates.empty() && chosen.size() < most_clues) {
    std::ranges::pop_heap(candidates, weaker);
    const auto candidate = candidates.back();
    candidates.pop_back();
    const auto& feature = words.features()[candidate.feature];
    if (used[feature.first] != 0 || used[feature.last] != 0) continue;
    used[feature.first] = used[feature.last] = 1;
    chosen.push_back(candidate);
  }
  return chosen;
}

}  // namespace

BayesOpinion weigh(const MessageWords& words, const store::WordCounts& counts, std::string_view scope) {
  const auto messages = counts.messages(scope);
  const auto hashes = words.hashes();
  std::vector<store::WordCount> known(hashes.size());
  counts.look(scope, hashes, known);
  std::vector<Candidate> candidates;
  candidates.reserve(known.size());
  const double of_spam = 1.0 / std::max(1U, messages.spam);
  const double of_ham = 1.0 / std::max(1U, messages.ham);
  for (std::uint32_t i = 0; i < known.size(); ++i) {
    if (known[i] == store::WordCount{}) continue;
    const auto likeness = likeness_of(known[i], of_spam, of_ham);
    const auto strength = std::abs(likeness - 0.5);
    if (strength >= least_strength) candidates.push_back({i, likeness, strength});
  }
  BayesOpinion opinion;
  if (candidates.empty()) return opinion;
  const auto chosen = choose(std::move(candidates), words);
  double like_spam = 0, like_ham = 0;
  for (const auto& one : chosen) {
    like_spam += std::log(one.likeness);
    like_ham += std::log(1 - one.likeness);
    if (opinion.clues.size() < shown_clues) {
      opinion.clues.push_back({words.shown(words.features()[one.feature]), one.likeness, known[one.feature]});
    }
  }
  const double not_spam = chi_square_tail(-2 * like_spam, chosen.size());
  const double not_ham = chi_square_tail(-2 * like_ham, chosen.size());
  // Robinson: both near 0 or both near 1 means that the words contradict each other, or say nothing.
  opinion.likeness = (1 + not_spam - not_ham) / 2;
  return opinion;
}

}  // namespace mailreeve::judge
