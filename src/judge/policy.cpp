// SPDX-License-Identifier: Apache-2.0
#include "judge/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/wishes.h"

namespace mailreeve::judge {
namespace {

constexpr std::pair<std::string_view, Action> action_names[] = {
    {"none", Action::none},         {"tag", Action::tag},
    {"greylist", Action::greylist}, {"quarantine", Action::quarantine},
    {"reject", Action::reject},     {"disconnect", Action::disconnect}};

constexpr std::string_view allow_code = "lists.allow";
constexpr std::string_view block_code = "lists.block";
constexpr double rounding = 1e-9;  // sums of tenths are not exact: 1.5 + 3.5 must reach 5.0

/// The value of the longest rule that covers the code.
template <class Map>
const typename Map::mapped_type* rule_for(const Map& rules, std::string_view code) {
  for (auto part = code; !part.empty();) {
    const auto found = rules.find(part);
    if (found != rules.end()) return &found->second;
    const auto dot = part.rfind('.');
    part = dot == std::string_view::npos ? std::string_view{} : part.substr(0, dot);
  }
  return nullptr;
}

bool is_under(std::string_view code, std::string_view rule) { return covers(rule, code); }

/// What holds up even those whom the operator allows: his own list, and the recipient's.
bool blocks(const Finding& finding) { return is_under(finding.code, block_code) || is_under(finding.code, wish_block); }

/// What no recipient can wish for, whatever the policy says of it.
constexpr std::string_view reserved[] = {"virus.found", "attachment.dangerous", "scan.crashed", block_code};

bool is_wished(const Findings& findings) {
  const auto is_reserved = [](const Finding& finding) {
    return std::ranges::any_of(reserved, [&](std::string_view rule) { return is_under(finding.code, rule); });
  };
  return std::ranges::any_of(findings, [](const auto& finding) { return is_under(finding.code, wish_allow); }) &&
         std::ranges::none_of(findings, is_reserved);
}

struct Threshold {
  Action action;
  double score;
};

/// `wished`: its recipient allows the sender; then only what is refused counts.
std::vector<Threshold> thresholds_of(const Policy& policy, const RecipientContext& recipient, bool wished) {
  std::vector<Threshold> all;
  const auto add = [&all](Action action, const std::optional<double>& score) {
    if (score) all.push_back({action, *score});
  };
  if (!wished) {
    add(Action::tag, policy.tag);
    if (!recipient.has_waited) add(Action::greylist, policy.greylist);
    add(Action::quarantine, policy.quarantine);
  }
  add(Action::reject, policy.reject);
  return all;
}

Action by_score(const std::vector<Threshold>& thresholds, double score) {
  Action harshest = Action::none;
  for (const auto& threshold : thresholds) {
    if (score + rounding >= threshold.score) harshest = std::max(harshest, threshold.action);
  }
  return harshest;
}

double score_of(const Policy& policy, Action action) {
  switch (action) {
    case Action::tag:
      return policy.tag.value_or(0);
    case Action::greylist:
      return policy.greylist.value_or(0);
    case Action::quarantine:
      return policy.quarantine.value_or(0);
    default:
      return policy.reject.value_or(0);
  }
}

/// A role address is only refused by address: a person who was blocked must be able to ask why.
bool is_by_address(const Finding& finding) {
  return is_under(finding.code, block_code) && finding.evidence.starts_with("ip:");
}

/// The harshest action that the other findings ask for by themselves.
Action harshest_without(const Verdict& verdict, const WeighedFinding& left_out, bool allowed) {
  Action harshest = Action::none;
  for (const auto& weighed : verdict.findings) {
    const bool counts = !allowed || is_under(weighed.finding.code, block_code);
    if (&weighed != &left_out && counts) harshest = std::max(harshest, weighed.action);
  }
  return harshest;
}

/// When several findings ask for the same by themselves: what would be without all of them.
std::string without_all(const Verdict& verdict, const std::vector<Threshold>& thresholds, bool allowed) {
  std::string codes;
  auto rest = verdict.score;
  Action then = Action::none;
  for (const auto& weighed : verdict.findings) {
    if (allowed && !is_under(weighed.finding.code, block_code)) continue;
    if (weighed.action >= verdict.action) {
      codes += (codes.empty() ? "" : ", ") + weighed.finding.code;
      rest -= weighed.weight;
    } else {
      then = std::max(then, weighed.action);
    }
  }
  if (!allowed) then = std::max(then, by_score(thresholds, rest));
  if (then >= verdict.action) return {};
  return fmt::format("only without all of {} it would be: {} (score {:.1f})", codes, verdict_name(then), rest);
}

/// The lightest single finding without which the outcome would be milder, or what is missing to the next harsher one.
std::string nearest_change(const Policy& policy, const Verdict& verdict, const std::vector<Threshold>& thresholds) {
  const WeighedFinding* lightest = nullptr;
  Action then = Action::none;
  for (const auto& weighed : verdict.findings) {
    if (weighed.weight <= 0) continue;
    const auto without =
        std::max(by_score(thresholds, verdict.score - weighed.weight), harshest_without(verdict, weighed, false));
    if (without < verdict.action && (lightest == nullptr || weighed.weight < lightest->weight)) {
      lightest = &weighed;
      then = without;
    }
  }
  if (lightest != nullptr) {
    return fmt::format("without {} ({:+.1f}) the score would be {:.1f}: {}", lightest->finding.code, lightest->weight,
                       verdict.score - lightest->weight, verdict_name(then));
  }
  double missing = 0;
  Action next = Action::none;
  for (const auto& threshold : thresholds) {
    if (threshold.action <= verdict.action || threshold.score <= verdict.score) continue;
    const auto distance = threshold.score - verdict.score;
    if (next == Action::none || distance < missing) {
      missing = distance;
      next = threshold.action;
    }
  }
  if (next == Action::none) return {};
  return fmt::format("{:.1f} more would reach {:.1f} ({}: {})", missing, score_of(policy, next), name(next),
                     verdict_name(next));
}

}  // namespace

std::string_view name(Action action) {
  for (const auto& [word, value] : action_names) {
    if (value == action) return word;
  }
  return "none";
}

std::string_view verdict_name(Action action) { return action == Action::none ? "accept" : name(action); }

std::optional<Action> parse_action(std::string_view text) {
  for (const auto& [word, value] : action_names) {
    if (word == text) return value;
  }
  return std::nullopt;
}

bool keeps_refused(const Policy& policy, std::string_view decided_by) {
  const auto about = [decided_by](const std::string& rule) { return covers(rule, decided_by); };
  return policy.keep_refused && std::ranges::none_of(policy.not_kept, about);
}

void put_off(Verdict& verdict, const Facts::Unexamined& unexamined, Action outcome) {
  verdict.decided_by = unexamined.code;
  verdict.why = fmt::format("{}: it could not be examined, so the sender is asked to come back", unexamined.code);
  verdict.would_change = fmt::format("examined, with nothing more found, it would be: {}", verdict_name(outcome));
}

Verdict decide(const Policy& policy, const Findings& findings, const RecipientContext& recipient) {
  Verdict verdict;
  verdict.policy = policy.name;
  bool allowed = false;
  const bool wished = is_wished(findings);
  for (const auto& finding : findings) {
    WeighedFinding weighed{finding, finding.weight, Action::none};
    if (const auto* weight = rule_for(policy.weights, finding.code)) weighed.weight = *weight;
    verdict.score += weighed.weight;
    const auto* action = rule_for(policy.actions, finding.code);
    if (action != nullptr) {
      weighed.action = *action;
    } else if (is_under(finding.code, block_code)) {
      weighed.action = Action::reject;
    } else if (is_under(finding.code, wish_block)) {
      weighed.action = Action::quarantine;
    } else if (is_under(finding.code, allow_code)) {
      allowed = true;
    }
    const auto waits = [&](const std::string& rule) { return covers(rule, finding.code); };
    if (weighed.action < Action::greylist && !recipient.has_waited &&
        std::ranges::any_of(recipient.greylist_when, waits)) {
      weighed.action = Action::greylist;
    }
    if ((recipient.has_waited || wished) && weighed.action == Action::greylist) weighed.action = Action::none;
    verdict.findings.push_back(std::move(weighed));
  }
  // Of rules that say the same, what was found first decides: it is nearest to the cause.
  std::vector<std::size_t> order(findings.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const auto& left = verdict.findings[a];
    const auto& right = verdict.findings[b];
    if (left.action != right.action) return left.action > right.action;
    if (is_by_address(left.finding) != is_by_address(right.finding)) return is_by_address(left.finding);
    if (left.action == Action::none && left.weight != right.weight) return left.weight > right.weight;
    return a < b;
  });
  std::vector<WeighedFinding> ordered;
  ordered.reserve(order.size());
  for (const auto i : order) ordered.push_back(std::move(verdict.findings[i]));
  verdict.findings = std::move(ordered);
  if (policy.observe) {
    verdict.why = "no policy is set for this recipient: nothing follows from what was found";
    return verdict;
  }
  // Who is allowed is held up only by what blocks it expressly.
  const WeighedFinding* decisive = nullptr;
  for (const auto& weighed : verdict.findings) {
    if (weighed.action == Action::none) break;
    if (allowed && !blocks(weighed.finding)) continue;
    decisive = &weighed;
    break;
  }
  const auto thresholds = thresholds_of(policy, recipient, wished);
  const auto scored = allowed ? Action::none : by_score(thresholds, verdict.score);
  if (decisive != nullptr && decisive->action >= scored) {
    verdict.action = decisive->action;
    verdict.decided_by = decisive->finding.code;
    verdict.why = fmt::format("{}: policy {} says {}", decisive->finding.code, policy.name, name(decisive->action));
    const auto rest = verdict.score - decisive->weight;
    const auto milder =
        std::max(allowed ? Action::none : by_score(thresholds, rest), harshest_without(verdict, *decisive, allowed));
    if (milder < verdict.action) {
      verdict.would_change =
          fmt::format("without {} it would be: {} (score {:.1f})", decisive->finding.code, verdict_name(milder), rest);
    } else {
      verdict.would_change = without_all(verdict, thresholds, allowed);
    }
    std::ranges::rotate(verdict.findings.begin(), verdict.findings.begin() + (decisive - verdict.findings.data()),
                        verdict.findings.begin() + (decisive - verdict.findings.data()) + 1);
  } else if (scored != Action::none) {
    verdict.action = scored;
    verdict.decided_by = "score";
    verdict.why = fmt::format("score {:.1f} is {:.1f} or more: policy {} says {}", verdict.score,
                              score_of(policy, scored), policy.name, name(scored));
    verdict.would_change = nearest_change(policy, verdict, thresholds);
  } else {
    verdict.why = allowed  ? fmt::format("{}: policy {} lets it in", allow_code, policy.name)
                  : wished ? fmt::format("{}: its recipient allows the sender, who is proven", wish_allow)
                           : fmt::format("score {:.1f}: policy {} lets it in", verdict.score, policy.name);
    if (!allowed) verdict.would_change = nearest_change(policy, verdict, thresholds);
  }
  const bool by_address =
      !verdict.decided_by.empty() && !verdict.findings.empty() && is_by_address(verdict.findings.front().finding);
  if (recipient.is_role && verdict.action > Action::tag && !by_address) {
    verdict.why += "; but postmaster and abuse take all mail";
    verdict.action = Action::tag;
  }
  return verdict;
}

std::vector<Action> settle(const std::vector<Verdict>& verdicts) {
  const auto refuses = [](Action action) {
    return action == Action::reject || action == Action::disconnect || action == Action::greylist;
  };
  const bool all_refuse = !verdicts.empty() && std::ranges::all_of(verdicts, refuses, &Verdict::action);
  const bool any_waits =
      std::ranges::any_of(verdicts, [](const auto& verdict) { return verdict.action == Action::greylist; });
  const bool any_ends =
      std::ranges::any_of(verdicts, [](const auto& verdict) { return verdict.action == Action::disconnect; });
  std::vector<Action> actions;
  for (const auto& verdict : verdicts) {
    auto action = verdict.action;
    if (all_refuse && any_ends) action = Action::disconnect;
    if (all_refuse && any_waits) {
      action = Action::greylist;  // one word for all: those who would take it later must get their chance
    } else if (!all_refuse && action == Action::greylist) {
      action = Action::tag;  // it cannot wait for one and be taken for another
    } else if (!all_refuse && refuses(action)) {
      action = Action::quarantine;
    }
    actions.push_back(action);
  }
  return actions;
}

}  // namespace mailreeve::judge
