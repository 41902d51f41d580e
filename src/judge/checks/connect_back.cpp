// SPDX-License-Identifier: Apache-2.0
// Does the connecting host itself take mail? Many honest senders' hosts do not: a hint only, and off by default.
#include <fmt/format.h>

#include "judge/checks/all.h"

namespace mailreeve::judge {
namespace {

using Kind = ProbeAnswer::Kind;

constexpr FindingKind kinds[] = {
    {"connect-back.none", 0.5, "Nothing on the client's own host takes mail."},
    {"connect-back.accepted", -0.2, "The client's own host takes mail."},
};
constexpr CheckInfo about{"connect-back", Stage::closing, "Does the connecting host itself take mail?", "",
                          kinds,          false};

class ConnectBack final : public Check {
 public:
  explicit ConnectBack(CalloutOptions options) : options_{std::move(options)} {}
  const CheckInfo& info() const override { return about; }

  Task<Findings> run(Facts& facts, const CheckContext& context) const override {
    Findings findings;
    if (context.prober == nullptr) co_return findings;
    const auto client = facts.client();
    if (client.is_private() && options_.port == 25) co_return findings;
    const auto now = context.clock.now();
    const auto key = "connect-back:" + client.text();
    const auto known = co_await context.marks.find(key, now);
    auto kind = Kind::unreachable;
    if (known) {
      kind = static_cast<Kind>(known->value);
    } else {
      const auto answer =
          co_await context.prober->greeting(client, static_cast<std::uint16_t>(options_.port), options_.time_limit);
      kind = answer.kind;
      // A slow greeting is no missing one: it is asked again sooner.
      const auto lifetime = kind == Kind::timeout ? std::chrono::hours{1} : std::chrono::hours{12};
      co_await context.marks.put(key, store::Mark{static_cast<std::int64_t>(kind), now, now + lifetime, {}});
    }
    if (kind == Kind::accepted) {
      findings.push_back({"connect-back.accepted", -0.2, fmt::format("{} greets", client.text()), {}});
    } else if (kind == Kind::unreachable) {
      findings.push_back({"connect-back.none", 0.5, fmt::format("{} takes no connections", client.text()), {}});
    }
    co_return findings;
  }

 private:
  CalloutOptions options_;
};

}  // namespace

std::unique_ptr<Check> make_connect_back(const CheckOptions& options, ListWatch&) {
  return std::make_unique<ConnectBack>(options.callout);
}

}  // namespace mailreeve::judge
