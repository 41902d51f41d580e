// SPDX-License-Identifier: Apache-2.0
#include "web/settings_routes.h"

#include <boost/json.hpp>
#include <map>

#include "mail/date.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;

constexpr auto counted_for = std::chrono::hours{24 * 7};

using FindingCounts = std::map<std::string, std::uint64_t>;

bj::value optional_number(const std::optional<double>& number) {
  return number ? bj::value(*number) : bj::value(nullptr);
}

bj::array texts(const std::vector<std::string>& values) {
  bj::array all;
  for (const auto& value : values) all.emplace_back(readable(value));
  return all;
}

bj::array policies_json(const std::vector<SettingsView::Policy>& policies) {
  bj::array all;
  for (const auto& policy : policies) {
    bj::object actions;
    for (const auto& [code, action] : policy.actions) actions[code] = action;
    bj::object weights;
    for (const auto& [code, weight] : policy.weights) weights[code] = weight;
    bj::object object;
    object["name"] = policy.name;
    object["label"] = readable(policy.label);
    object["tag"] = optional_number(policy.tag);
    object["greylist"] = optional_number(policy.greylist);
    object["quarantine"] = optional_number(policy.quarantine);
    object["reject"] = optional_number(policy.reject);
    object["actions"] = std::move(actions);
    object["weights"] = std::move(weights);
    object["keep_refused"] = policy.keep_refused;
    object["digest"] = policy.digest;
    object["used_by"] = texts(policy.used_by);
    all.push_back(std::move(object));
  }
  return all;
}

bj::array domains_json(const std::vector<SettingsView::Domain>& domains) {
  bj::array all;
  for (const auto& domain : domains) {
    bj::object object;
    object["name"] = domain.name;
    object["policy"] = domain.policy;
    object["deliver"] = readable(domain.deliver);
    object["aliases"] = texts(domain.aliases);
    object["may_choose"] = texts(domain.may_choose);
    all.push_back(std::move(object));
  }
  return all;
}

/// A code that ends in `*` counts all that begin so.
std::uint64_t count_of(const FindingCounts& counts, const std::string& code) {
  if (code.ends_with('*')) {
    const auto beginning = code.substr(0, code.size() - 1);
    std::uint64_t sum = 0;
    for (auto it = counts.lower_bound(beginning); it != counts.end() && it->first.starts_with(beginning); ++it) {
      sum += it->second;
    }
    return sum;
  }
  const auto found = counts.find(code);
  return found == counts.end() ? 0 : found->second;
}

bj::array checks_json(const std::vector<SettingsView::Check>& checks, const FindingCounts& fired,
                      const FindingCounts& released) {
  bj::array all;
  for (const auto& check : checks) {
    bj::array findings;
    for (const auto& finding : check.findings) {
      findings.push_back(bj::object{{"code", finding.code},
                                    {"weight", finding.weight},
                                    {"description", readable(finding.description)},
                                    {"fired", count_of(fired, finding.code)},
                                    {"released", count_of(released, finding.code)}});
    }
    bj::object object;
    object["name"] = check.name;
    object["stage"] = check.stage;
    object["description"] = readable(check.description);
    object["enabled"] = check.enabled;
    object["findings"] = std::move(findings);
    all.push_back(std::move(object));
  }
  return all;
}

}  // namespace

Task<net::HttpResponse> show_settings(Call call) {
  const auto& services = *call.services;
  const auto settings = services.insight.settings ? services.insight.settings() : nullptr;
  if (!settings) co_return problem(503, "Unavailable", "no gateway is running");
  const auto since = services.clock.now() - counted_for;
  FindingCounts fired;
  FindingCounts released;
  if (services.history != nullptr) {
    auto counts = co_await services.history->findings(since);
    if (!counts) co_return problem(counts.error());
    fired = std::move(*counts);
  }
  if (services.vault != nullptr) {
    auto counts = co_await services.vault->released_findings(since);
    if (!counts) co_return problem(counts.error());
    for (auto& [code, count] : *counts) released[code] += count;
  }
  bj::object object;
  object["toml"] = readable(settings->toml);
  object["file"] = readable(settings->file);
  object["loaded"] = mail::iso8601(settings->loaded);
  object["policies"] = policies_json(settings->policies);
  object["domains"] = domains_json(settings->domains);
  object["checks"] = checks_json(settings->checks, fired, released);
  object["stats_since"] = mail::iso8601(since);
  co_return json(object);
}

Task<net::HttpResponse> show_doctor(Call) {
  bj::object object;
  object["available"] = false;
  object["results"] = bj::array();
  co_return json(object);
}

}  // namespace mailreeve::web
