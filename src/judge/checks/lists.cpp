// SPDX-License-Identifier: Apache-2.0
// Did the operator block or allow this client or sender?
#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

constexpr FindingKind kinds[] = {
    {"lists.block", 20.0,
     "The client or sender is on a block list of this gateway: rejected, unless a policy says otherwise."},
    {"lists.allow", -20.0, "The client or a proven sender is on an allow list: let in, whatever else is found."},
};
constexpr CheckInfo about{"lists", Stage::closing, "Did the operator block or allow this client or sender?", "", kinds};

class Lists final : public Check {
 public:
  explicit Lists(SenderLists lists) : lists_{std::move(lists)} {}
  const CheckInfo& info() const override { return about; }
  bool waits() const override { return false; }
  Task<Findings> run(Facts& facts, const CheckContext&) const override { co_return lists_.match(facts); }

 private:
  SenderLists lists_;
};

}  // namespace

std::unique_ptr<Check> make_lists(const CheckOptions& options, ListWatch&) {
  return std::make_unique<Lists>(options.lists);
}

}  // namespace mailreeve::judge
