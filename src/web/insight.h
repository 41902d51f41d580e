// SPDX-License-Identifier: Apache-2.0
// What the overview and the settings page show of the running gateway, handed down by whoever runs it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/health.h"
#include "base/log_tail.h"

namespace mailreeve::web {

/// The settings in force, for people: no secrets.
struct SettingsView {
  struct Policy {
    std::string name, label;
    std::optional<double> tag, greylist, quarantine, reject;
    std::map<std::string, std::string> actions;  // by code
    std::map<std::string, double> weights;       // by code
    bool keep_refused = false;
    std::string digest;
    std::vector<std::string> used_by;  // domains and recipients
  };
  struct Domain {
    std::string name, policy, deliver;
    std::vector<std::string> aliases, may_choose;
  };
  struct Finding {
    std::string code, description;
    double weight = 0;
  };
  struct Check {
    std::string name, stage, description;
    bool enabled = false;
    std::vector<Finding> findings;
  };
  std::string toml;  // the whole, defaults filled in
  std::string file;
  WallTime loaded;
  std::vector<Policy> policies;
  std::vector<Domain> domains;
  std::vector<Check> checks;
  std::uint64_t quarantine_limit = 0;            // octets; 0: none
  std::optional<WallTime> certificate_end = {};  // of the certificate that mail clients see
};

class OverviewCache;
std::shared_ptr<OverviewCache> make_overview_cache();

/// Everything here is cheap and safe from any loop; what is empty is not known.
struct Insight {
  std::function<std::vector<HealthEntry>()> health = {};
  std::function<std::size_t()> sessions = {};
  std::function<std::shared_ptr<const SettingsView>()> settings = {};
  std::shared_ptr<const LogTail> log = {};
  std::shared_ptr<OverviewCache> cache = make_overview_cache();
};

}  // namespace mailreeve::web
