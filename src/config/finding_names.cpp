// SPDX-License-Identifier: Apache-2.0
#include "config/finding_names.h"

#include <fmt/format.h>

#include <vector>

#include "config/values.h"
#include "judge/checks/all.h"
#include "judge/declared.h"

namespace mailreeve::config {
namespace {

constexpr std::string_view open_families[] = {"dnsbl", "rhsbl"};  // lists of other hosts that share a policy
constexpr std::string_view keywords = "keyword";

}  // namespace

FindingNames::FindingNames(const judge::CheckOptions& checks) {
  const auto add = [this](std::string_view code) {
    if (code.ends_with(".*")) code.remove_suffix(2);
    while (!code.empty()) {
      names_.emplace(code);
      const auto dot = code.rfind('.');
      code = dot == std::string_view::npos ? std::string_view{} : code.substr(0, dot);
    }
  };
  for (const auto* info : judge::all_checks()) {
    for (const auto& kind : info->findings) add(kind.code);
  }
  for (const auto& kind : judge::findings_beside_checks()) add(kind.code);
  for (const auto* lists : {&checks.dnsbl.lists, &checks.rhsbl.lists}) {
    for (const auto& zone : *lists) {
      add(zone.finding);
      for (const auto& code : zone.codes) add(code.finding);
    }
  }
  add("dnsbl.listed");
  add("rhsbl.listed");
  if (checks.keywords) {
    for (const auto& rule : checks.keywords->rules()) add(fmt::format("{}.{}", keywords, rule.name));
  }
}

bool FindingNames::knows(std::string_view rule) const {
  if (names_.contains(rule)) return true;
  for (const auto family : open_families) {
    if (judge::covers(family, rule)) return true;
  }
  return false;
}

std::optional<std::string> FindingNames::nearest_to(std::string_view rule) const {
  const std::vector<std::string_view> all{names_.begin(), names_.end()};
  const auto meant = nearest(rule, all);
  return meant ? std::optional{std::string{*meant}} : std::nullopt;
}

std::string FindingNames::explain(std::string_view rule) const {
  if (const auto meant = nearest_to(rule)) {
    return fmt::format("unknown finding \"{}\"; did you mean \"{}\"?", rule, *meant);
  }
  if (judge::covers(keywords, rule) && rule.size() > keywords.size()) {
    return fmt::format("unknown finding \"{}\": no [[checks.keyword.rule]] has the name \"{}\"", rule,
                       rule.substr(keywords.size() + 1));
  }
  return fmt::format("unknown finding \"{}\"; `mailreeve checks` lists them", rule);
}

}  // namespace mailreeve::config
