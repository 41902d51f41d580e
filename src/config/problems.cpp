// SPDX-License-Identifier: Apache-2.0
#include "config/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>

namespace mailreeve::config {

std::string Problem::format(const std::string& path) const {
  const auto* word = severity == Severity::error ? "error" : "warning";
  if (line == 0) return fmt::format("{}: {}: {}", path, word, text);
  return fmt::format("{}:{}:{}: {}: {}", path, line, column, word, text);
}

void Problems::error(Place place, std::string text) {
  has_error_ = true;
  problems_.push_back({Problem::Severity::error, place.line, place.column, std::move(text)});
}

void Problems::warning(Place place, std::string text) {
  problems_.push_back({Problem::Severity::warning, place.line, place.column, std::move(text)});
}

std::vector<Problem> Problems::take() {
  const auto order = [](const Problem& problem) {
    const unsigned line = problem.line == 0 ? std::numeric_limits<unsigned>::max() : problem.line;
    return std::tuple{line, problem.column, std::string_view{problem.text}};
  };
  std::ranges::sort(problems_, {}, order);
  return std::move(problems_);
}

}  // namespace mailreeve::config
