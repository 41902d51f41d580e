// SPDX-License-Identifier: Apache-2.0
#include "web/attention.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;

constexpr auto queue_old = 1h;
constexpr auto certificate_notice = std::chrono::hours{24 * 14};
constexpr std::uint64_t percent_full = 80;

constexpr std::string_view error = "error";
constexpr std::string_view warning = "warning";
constexpr std::string_view info = "info";

std::string_view noun(std::uint64_t count, std::string_view one, std::string_view many) {
  return count == 1 ? one : many;
}

std::uint64_t percent(const AttentionFacts& facts) {
  return facts.quarantine_limit == 0
             ? 0
             : facts.quarantine.bytes / std::max<std::uint64_t>(facts.quarantine_limit / 100, 1);
}

/// A rule answers why it applies, or nothing.
struct Rule {
  std::string_view severity, code, page;
  std::optional<std::string> (*applies)(const AttentionFacts&);
};

using Text = std::optional<std::string>;

constexpr Rule rules[] = {
    {error, "store.failing", "none",
     [](const AttentionFacts& facts) -> Text {
       if (!facts.queue_unknown) return std::nullopt;
       return "The store cannot be asked: mail is answered 451 until it works again. See the log for what failed.";
     }},
    {error, "queue.refused", "queue",
     [](const AttentionFacts& facts) -> Text {
       const auto count = facts.queue.refused;
       if (count == 0) return std::nullopt;
       return fmt::format("{} {} refused by an internal server after they were accepted: retry or drop them.", count,
                          noun(count, "delivery was", "deliveries were"));
     }},
    {error, "queue.expired", "queue",
     [](const AttentionFacts& facts) -> Text {
       const auto count = facts.queue.expired;
       if (count == 0) return std::nullopt;
       return fmt::format("{} {} given up after the give-up time: retry or drop them.", count,
                          noun(count, "delivery was", "deliveries were"));
     }},
    {error, "certificate.ended", "settings",
     [](const AttentionFacts& facts) -> Text {
       if (!facts.certificate_end || *facts.certificate_end > facts.now) return std::nullopt;
       return "The TLS certificate has ended: put a new one in place and reload.";
     }},
    {warning, "certificate.ending", "settings",
     [](const AttentionFacts& facts) -> Text {
       if (!facts.certificate_end || *facts.certificate_end <= facts.now) return std::nullopt;
       const auto left = *facts.certificate_end - facts.now;
       if (left > certificate_notice) return std::nullopt;
       const auto days = std::chrono::duration_cast<std::chrono::days>(left).count();
       return fmt::format("The TLS certificate ends in {} {}.", days,
                          noun(static_cast<std::uint64_t>(days), "day", "days"));
     }},
    {warning, "quarantine.filling", "quarantine",
     [](const AttentionFacts& facts) -> Text {
       if (percent(facts) < percent_full) return std::nullopt;
       return fmt::format("The quarantine is {} % full. When it is full, what would be held is deferred.",
                          percent(facts));
     }},
    {warning, "queue.old", "queue",
     [](const AttentionFacts& facts) -> Text {
       if (!facts.queue.oldest || facts.now - *facts.queue.oldest < queue_old) return std::nullopt;
       const auto hours = std::chrono::duration_cast<std::chrono::hours>(facts.now - *facts.queue.oldest).count();
       return fmt::format("The oldest queued message has waited {} {}.", hours,
                          noun(static_cast<std::uint64_t>(hours), "hour", "hours"));
     }},
    {warning, "queue.held", "queue",
     [](const AttentionFacts& facts) -> Text {
       const auto count = facts.queue.held;
       if (count == 0) return std::nullopt;
       return fmt::format("{} {} held in the queue by an operator.", count,
                          noun(count, "delivery is", "deliveries are"));
     }},
    {info, "quarantine.asked", "quarantine",
     [](const AttentionFacts& facts) -> Text {
       const auto count = facts.quarantine.asked;
       if (count == 0) return std::nullopt;
       return fmt::format("{} for release {} for a decision.",
                          count == 1 ? std::string{"1 request"} : fmt::format("{} requests", count),
                          noun(count, "waits", "wait"));
     }},
    {warning, "history.failing", "none",
     [](const AttentionFacts& facts) -> Text {
       if (!facts.history_unknown) return std::nullopt;
       return "The history cannot be asked: what happens to mail is not counted. See the log.";
     }},
    {info, "accounts.none", "none",
     [](const AttentionFacts& facts) -> Text {
       if (!facts.needs_setup) return std::nullopt;
       return "No account exists yet: open the set-up link from the log, or run mailreeve user add.";
     }},
};

}  // namespace

std::vector<Attention> attention(const AttentionFacts& facts) {
  std::vector<Attention> all;
  for (const auto severity : {error, warning, info}) {
    for (const auto& rule : rules) {
      if (rule.severity != severity) continue;
      if (auto text = rule.applies(facts)) all.push_back({severity, rule.code, std::move(*text), rule.page});
    }
    const auto state = severity == error ? HealthState::failing : HealthState::warning;
    for (const auto& entry : facts.health) {
      if (severity == info || entry.state != state) continue;
      all.push_back({severity, "dependency", fmt::format("{}: {}", entry.name, entry.detail), "none"});
    }
  }
  return all;
}

}  // namespace mailreeve::web
