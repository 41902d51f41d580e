// SPDX-License-Identifier: Apache-2.0
#include "cli/settings_view.h"

#include <algorithm>
#include <set>

#include "judge/checks/all.h"
#include "judge/declared.h"
#include "store/wishes.h"

namespace mailreeve::cli {
namespace {

using View = web::SettingsView;

constexpr std::size_t key_length = 20;

void add_lists(View::Check& check, const std::vector<judge::ListZone>& lists) {
  std::set<std::string> known;
  const auto add = [&](const std::string& code, double weight, const std::string& zone) {
    if (!code.empty() && known.insert(code).second) {
      check.findings.push_back({code, "listed by " + without_keys(zone), weight});
    }
  };
  for (const auto& list : lists) {
    add(list.finding, list.weight, list.zone);
    for (const auto& code : list.codes) add(code.finding, code.weight, list.zone);
  }
}

View::Check check_of(const judge::CheckInfo& info, const judge::CheckOptions& options) {
  View::Check check{
      .name = std::string{info.name},
      .stage = std::string{judge::name(info.stage)},
      .description = std::string{info.question},
      .enabled = info.on_by_default ? !options.disabled.contains(info.name) : options.enabled.contains(info.name),
      .findings = {}};
  for (const auto& kind : info.findings) {
    const bool stands_for_lists = kind.code == "dnsbl.*" || kind.code == "rhsbl.*";
    if (!stands_for_lists) check.findings.push_back({std::string{kind.code}, std::string{kind.meaning}, kind.weight});
  }
  if (info.name == "dnsbl") add_lists(check, options.dnsbl.lists);
  if (info.name == "rhsbl") add_lists(check, options.rhsbl.lists);
  return check;
}

View::Policy policy_of(const judge::Policy& policy, const config::Settings& settings) {
  View::Policy view;
  view.name = policy.name;
  view.label = policy.label.empty() ? policy.name : policy.label;
  view.tag = policy.tag;
  view.greylist = policy.greylist;
  view.quarantine = policy.quarantine;
  view.reject = policy.reject;
  for (const auto& [code, action] : policy.actions) view.actions[code] = judge::verdict_name(action);
  for (const auto& [code, weight] : policy.weights) view.weights[code] = weight;
  view.keep_refused = policy.keep_refused;
  view.digest = store::name(policy.digest);
  for (const auto& [domain, used] : settings.domain_policies) {
    if (used && used->name == policy.name) view.used_by.push_back(domain);
  }
  for (const auto& [recipient, used] : settings.recipient_policies) {
    if (used && used->name == policy.name) view.used_by.push_back(recipient);
  }
  return view;
}

View::Domain domain_of(const judge::DomainOptions& options, const config::Settings& settings) {
  View::Domain view;
  view.name = options.name.text();
  for (const auto& alias : options.aliases) view.aliases.push_back(alias.text());
  const auto policy = settings.domain_policies.find(view.name);
  if (policy != settings.domain_policies.end() && policy->second) view.policy = policy->second->name;
  const auto route = settings.routes.find(view.name);
  if (route != settings.routes.end()) view.deliver = route->second.target.text();
  const auto choices = settings.domain_choices.find(view.name);
  if (choices != settings.domain_choices.end()) view.may_choose = choices->second;
  return view;
}

}  // namespace

std::string without_keys(std::string_view text) {
  const auto in_label = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  std::string out;
  while (!text.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, in_label) - text.begin());
    const auto label = text.substr(0, end);
    const bool has_digit = std::ranges::any_of(label, [](char c) { return c >= '0' && c <= '9'; });
    const bool is_plain = label.find_first_of("-_") == std::string_view::npos;
    const bool is_name = end < text.size() && text[end] == '.';
    if (label.size() >= key_length && has_digit && is_plain && is_name) {
      out += "(key)";
    } else {
      out += label;
    }
    text.remove_prefix(end);
    if (!text.empty()) {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

web::SettingsView view_of(const config::Settings& settings, const std::string& file, WallTime loaded) {
  View view;
  view.toml = without_keys(config::show(settings));
  view.file = file;
  view.loaded = loaded;
  for (const auto& [name, policy] : settings.policies) {
    if (policy) view.policies.push_back(policy_of(*policy, settings));
  }
  for (const auto& domain : settings.recipients.domains) view.domains.push_back(domain_of(domain, settings));
  for (const auto* info : judge::all_checks()) view.checks.push_back(check_of(*info, settings.checks));
  View::Check beside{.name = "beside the checks",
                     .stage = "",
                     .description = "What is found without a check: greylisting, rates, harvesting",
                     .enabled = true,
                     .findings = {}};
  for (const auto& kind : judge::findings_beside_checks()) {
    beside.findings.push_back({std::string{kind.code}, std::string{kind.meaning}, kind.weight});
  }
  view.checks.push_back(std::move(beside));
  view.quarantine_limit = settings.gateway.quarantine.max_size;
  return view;
}

}  // namespace mailreeve::cli
