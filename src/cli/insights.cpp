// SPDX-License-Identifier: Apache-2.0
#include "cli/insights.h"

#include <fmt/format.h>

#include "cli/settings_view.h"

namespace mailreeve::cli {
namespace {

constexpr std::uint64_t gigabyte = 1ULL << 30;

std::string megabytes(std::uint64_t octets) { return fmt::format("{} MiB", octets >> 20); }

HealthState state_of(judge::ListState state) {
  using judge::ListState;
  switch (state) {
    case ListState::good:
      return HealthState::ok;
    case ListState::unknown:
      return HealthState::unknown;
    case ListState::failing:
      return HealthState::warning;
    case ListState::silent:
    case ListState::lists_everything:
    case ListState::refused:
      return HealthState::failing;
  }
  return HealthState::unknown;
}

}  // namespace

Insights::Insights(const Clock& clock, Metrics& metrics, Files& files, const judge::ListWatch& lists,
                   std::shared_ptr<const LogTail> log)
    : clock_{clock},
      files_{files},
      lists_{lists},
      log_{std::move(log)},
      registry_{clock, &metrics},
      shown_{std::make_shared<const Shown>()} {}

void Insights::show(const config::Settings& settings, const std::string& file, const gateway::Live& live) {
  auto view = view_of(settings, file, clock_.now());
  if (live.tls) view.certificate_end = live.tls->expires();
  auto shown = std::make_shared<Shown>();
  shown->view = std::make_shared<const web::SettingsView>(std::move(view));
  shown->data_dir = settings.data_dir;
  shown->min_free_disk = settings.gateway.limits.min_free_disk;
  shown->names = {"dns", "scanners"};
  const auto& checks = settings.checks;
  for (const auto& engine : checks.virus.engines) shown->names.push_back(engine.text);
  if (!checks.rspamd.text.empty()) shown->names.push_back("rspamd " + checks.rspamd.text);
  if (!checks.spamassassin.text.empty()) shown->names.push_back("spamd " + checks.spamassassin.text);
  for (const auto& [name, source] : settings.recipient_sources) {
    if (!source.watched) continue;
    const auto item = fmt::format("recipients \"{}\" ({})", name, source.kind);
    source.watched->report_to(&registry_.item(item));
    shown->names.push_back(item);
  }
  shown_.set(std::move(shown));
}

HealthEntry Insights::disk(const Shown& shown) const {
  HealthEntry entry{.name = "disk", .state = HealthState::ok, .detail = {}, .since = {}};
  const auto free = files_.free_bytes(shown.data_dir);
  if (!free) {
    entry.state = HealthState::unknown;
    entry.detail = free.error().text;
  } else if (*free < shown.min_free_disk) {
    entry.state = HealthState::failing;
    entry.detail = fmt::format("{} free on the disk of {}: mail is told to come back until there is room",
                               megabytes(*free), shown.data_dir);
  } else if (*free < std::max(gigabyte, 4 * shown.min_free_disk)) {
    entry.state = HealthState::warning;
    entry.detail = fmt::format("{} free on the disk of {}; below {} mail is told to come back", megabytes(*free),
                               shown.data_dir, megabytes(shown.min_free_disk));
  }
  return entry;
}

void Insights::add_lists(std::vector<HealthEntry>& entries) const {
  for (const auto& report : lists_.reports()) {
    auto detail = report.state == judge::ListState::good
                      ? std::string{}
                      : fmt::format("{}: {}", judge::name(report.state), without_keys(report.detail));
    if (report.state == judge::ListState::unknown) detail = "not asked yet";
    entries.push_back({"list " + without_keys(report.zone), state_of(report.state), std::move(detail), report.since});
  }
}

std::vector<HealthEntry> Insights::health() const {
  const auto shown = shown_.get();
  std::vector<HealthEntry> entries;
  const auto known = registry_.entries();
  for (const auto& name : shown->names) {
    HealthEntry entry{.name = name, .state = HealthState::unknown, .detail = "not asked yet", .since = {}};
    for (const auto& one : known) {
      if (one.name == name && one.state != HealthState::unknown) entry = one;
    }
    entries.push_back(std::move(entry));
  }
  entries.push_back(disk(*shown));
  add_lists(entries);
  return entries;
}

web::Insight Insights::insight(std::function<std::size_t()> sessions) {
  return {.health = [this] { return health(); },
          .sessions = std::move(sessions),
          .settings = [this] { return shown_.get()->view; },
          .log = log_};
}

}  // namespace mailreeve::cli
