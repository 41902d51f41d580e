// SPDX-License-Identifier: Apache-2.0
// Did the client speak before it was greeted? Mail servers wait for the greeting (RFC 5321 4.3.1); spam programs often
// do not. The session looks; this tells.
#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"pregreet", 3.0, "The client spoke before it was greeted."},
};
constexpr CheckInfo about{"pregreet", Stage::connect, "Did the client wait for our greeting?", "RFC 5321 4.3.1", kinds};

class Pregreet final : public Check {
 public:
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }
  Task<Findings> run(Facts& facts, const CheckContext&) const override {
    Findings findings;
    if (facts.session->early_talker) findings.push_back({"pregreet", 3.0, "it spoke before our greeting", {}});
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Check> make_pregreet(const CheckOptions&, ListWatch&) { return std::make_unique<Pregreet>(); }

}  // namespace mailreeve::judge
