// SPDX-License-Identifier: Apache-2.0
// Is the message for unusually many people, or for people who do not exist?
#include <fmt/format.h>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr unsigned many_unknown = 3;
constexpr FindingKind kinds[] = {
    {"recipients.many", 2.0, "The message has more recipients than [checks.recipients] maximum."},
    {"recipients.unknown", 1.5, "Three or more of the recipients named do not exist."},
};
constexpr CheckInfo about{"recipients", Stage::message, "Is the message for unusually many people?",
                          "RFC 5321 4.5.3.1.8", kinds};

class Recipients final : public Check {
 public:
  explicit Recipients(RecipientsOptions options) : options_{options} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }
  Task<Findings> run(Facts& facts, const CheckContext&) const override {
    Findings findings;
    if (facts.recipients.size() > options_.maximum) {
      findings.push_back({"recipients.many",
                          2.0,
                          fmt::format("{} recipients, more than {}", facts.recipients.size(), options_.maximum),
                          {}});
    }
    if (facts.refused_recipients >= many_unknown) {
      findings.push_back(
          {"recipients.unknown", 1.5, fmt::format("{} recipients were refused", facts.refused_recipients), {}});
    }
    co_return findings;
  }

 private:
  RecipientsOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_recipients(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Recipients>(options.recipients);
}

}  // namespace mailreeve::judge
