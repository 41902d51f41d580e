// SPDX-License-Identifier: Apache-2.0
// What the pages are shown of the running gateway: the health of what it depends on, and its settings.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/current.h"
#include "base/files.h"
#include "base/health.h"
#include "config/settings.h"
#include "gateway/live.h"
#include "judge/list_watch.h"
#include "web/insight.h"

namespace mailreeve::cli {

class Insights {
 public:
  /// All of them must outlive it.
  Insights(const Clock& clock, Metrics& metrics, Files& files, const judge::ListWatch& lists,
           std::shared_ptr<const LogTail> log);
  HealthRegistry& registry() { return registry_; }
  /// At start and after each reload: what is shown from now on.
  void show(const config::Settings& settings, const std::string& file, const gateway::Live& live);
  web::Insight insight(std::function<std::size_t()> sessions);

 private:
  struct Shown {
    std::shared_ptr<const web::SettingsView> view;
    std::vector<std::string> names;  // of what is depended on
    std::string data_dir;
    std::uint64_t min_free_disk = 0;
  };
  std::vector<HealthEntry> health() const;
  HealthEntry disk(const Shown& shown) const;
  void add_lists(std::vector<HealthEntry>& entries) const;

  const Clock& clock_;
  Files& files_;
  const judge::ListWatch& lists_;
  std::shared_ptr<const LogTail> log_;
  HealthRegistry registry_;
  Current<Shown> shown_;
};

}  // namespace mailreeve::cli
