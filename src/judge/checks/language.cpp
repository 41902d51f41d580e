// SPDX-License-Identifier: Apache-2.0
// Is the text in a language that nobody here reads?
#include <fmt/format.h>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"language.unwanted", 3.0, "Most of the text is in a language that [checks.language] does not want."},
};
constexpr CheckInfo about{"language", Stage::alignment, "Is the text in a language that nobody here reads?",
                          "ISO 639-1", kinds};
constexpr std::uint32_t most_of_it = 50;  // percent

class LanguageCheck final : public Check {
 public:
  explicit LanguageCheck(LanguageOptions options) : options_{std::move(options)} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }

  Task<Findings> run(Facts& facts, const CheckContext&) const override {
    Findings findings;
    if (!facts.content) co_return findings;
    for (const auto& language : facts.content->languages) {
      if (language.percent < most_of_it || !options_.unwanted.contains(language.code)) continue;
      findings.push_back(
          {"language.unwanted", kinds[0].weight, fmt::format("{} ({} %)", language.code, language.percent), {}});
    }
    co_return findings;
  }

 private:
  LanguageOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_language(const CheckOptions& options, ListWatch&) {
  return std::make_unique<LanguageCheck>(options.language);
}

}  // namespace mailreeve::judge
