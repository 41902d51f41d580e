// SPDX-License-Identifier: Apache-2.0
#include "web/overview.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "mail/date.h"
#include "web/access.h"
#include "web/attention.h"
#include "web/call.h"

namespace mailreeve::web {
namespace {

namespace bj = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t top_findings = 10;
constexpr std::array<std::string_view, 8> verdicts{"accept", "tag",        "greylist", "quarantine",
                                                   "reject", "disconnect", "defer",    "abort"};

bj::value optional_time(const std::optional<WallTime>& time) {
  return time ? bj::value(mail::iso8601(*time)) : bj::value(nullptr);
}

struct Counts {
  std::array<std::uint64_t, verdicts.size()> of{};
  void add(std::string_view verdict, std::uint64_t count) {
    const auto* found = std::ranges::find(verdicts, verdict);
    if (found != verdicts.end()) of[static_cast<std::size_t>(found - verdicts.begin())] += count;
  }
  void write(bj::object& out) const {
    for (std::size_t i = 0; i < verdicts.size(); ++i) out[verdicts[i]] = of[i];
  }
};

/// Buckets without gaps, the last one under way.
std::map<WallTime, Counts> buckets_of(const std::vector<store::Tally>& tallies, const OverviewRange& range,
                                      WallTime now) {
  const auto step = std::chrono::milliseconds{range.step};
  const auto last = WallTime{now.time_since_epoch() / step * step};
  const auto first = last - range.length + step;
  std::map<WallTime, Counts> buckets;
  for (auto time = first; time <= last; time += step) buckets[time];
  for (const auto& tally : tallies) {
    const auto found = buckets.find(tally.start);
    if (found != buckets.end()) found->second.add(tally.name, tally.count);
  }
  return buckets;
}

/// The commonest findings that weigh something; codes that the settings do not know (any more) count too.
bj::array top_of(const std::map<std::string, std::uint64_t>& counts, const SettingsView* settings) {
  std::map<std::string_view, double> weights;
  if (settings != nullptr) {
    for (const auto& check : settings->checks) {
      for (const auto& finding : check.findings) weights.emplace(finding.code, finding.weight);
    }
  }
  std::vector<std::pair<std::uint64_t, std::string_view>> sorted;
  for (const auto& [code, count] : counts) {
    const auto weight = weights.find(code);
    if (weight != weights.end() && weight->second <= 0) continue;
    sorted.emplace_back(count, code);
  }
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  if (sorted.size() > top_findings) sorted.resize(top_findings);
  bj::array all;
  for (const auto& [count, code] : sorted) all.push_back(bj::object{{"code", readable(code)}, {"count", count}});
  return all;
}

bj::array health_json(const std::vector<HealthEntry>& entries) {
  bj::array all;
  for (const auto& entry : entries) {
    all.push_back(bj::object{{"name", readable(entry.name)},
                             {"state", name(entry.state)},
                             {"detail", readable(entry.detail)},
                             {"since", optional_time(entry.since)}});
  }
  return all;
}

bj::array attention_json(const std::vector<Attention>& all) {
  bj::array out;
  for (const auto& one : all) {
    out.push_back(
        bj::object{{"severity", one.severity}, {"code", one.code}, {"text", readable(one.text)}, {"page", one.page}});
  }
  return out;
}

}  // namespace

std::optional<OverviewRange> parse_overview_range(std::string_view name) {
  constexpr OverviewRange ranges[] = {{"1h", 1h, 60s}, {"24h", 24h, 15min}, {"7d", 24h * 7, 1h}};
  for (const auto& range : ranges) {
    if (range.name == name) return range;
  }
  return std::nullopt;
}

/// Many who listen cost one overview a second.
class OverviewCache {
 public:
  std::optional<Overview> find(const OverviewRange& range, SteadyTime now) const {
    std::lock_guard lock{mutex_};
    const auto found = kept_.find(range.name);
    if (found == kept_.end() || now - found->second.first > believed) return std::nullopt;
    return found->second.second;
  }
  void keep(const OverviewRange& range, SteadyTime now, const Overview& overview) {
    std::lock_guard lock{mutex_};
    kept_[range.name] = {now, overview};
  }

 private:
  static constexpr auto believed = 500ms;
  mutable std::mutex mutex_;
  std::map<std::string_view, std::pair<SteadyTime, Overview>> kept_;
};

std::shared_ptr<OverviewCache> make_overview_cache() { return std::make_shared<OverviewCache>(); }

Task<Overview> make_overview(std::shared_ptr<const Services> services, OverviewRange range) {
  if (auto kept = services->insight.cache->find(range, services->clock.steady())) co_return std::move(*kept);
  AttentionFacts facts;
  facts.now = services->clock.now();
  const auto settings = services->insight.settings ? services->insight.settings() : nullptr;
  const auto queue = co_await services->queue.counts();
  facts.queue_unknown = !queue;
  if (queue) facts.queue = *queue;
  std::vector<store::Tally> tallies;
  std::map<std::string, std::uint64_t> findings;
  if (services->history != nullptr) {
    auto counted = co_await services->history->verdicts(facts.now - range.length, range.step);
    if (counted) tallies = std::move(*counted);
    auto found = co_await services->history->findings(facts.now - range.length);
    if (found) findings = std::move(*found);
    facts.history_unknown = !counted || !found;
  }
  if (services->vault != nullptr) facts.quarantine = services->vault->counts();
  if (settings) {
    facts.quarantine_limit = settings->quarantine_limit;
    facts.certificate_end = settings->certificate_end;
  }
  if (services->insight.health) facts.health = services->insight.health();
  if (services->access != nullptr) {
    const auto users = co_await services->access->accounts().users();
    facts.needs_setup = users && users->empty();
  }

  const auto buckets = buckets_of(tallies, range, facts.now);
  Counts totals;
  bj::array bucket_list;
  for (const auto& [start, counts] : buckets) {
    bj::object bucket;
    bucket["time"] = mail::iso8601(start);
    counts.write(bucket);
    bucket_list.push_back(std::move(bucket));
    for (std::size_t i = 0; i < verdicts.size(); ++i) totals.of[i] += counts.of[i];
  }
  bj::object total;
  totals.write(total);
  const auto& counts = facts.queue;
  bj::object body;
  body["range"] = range.name;
  body["step"] = range.step.count();
  body["buckets"] = std::move(bucket_list);
  body["totals"] = std::move(total);
  body["top_findings"] = top_of(findings, settings.get());
  body["queue"] = bj::object{{"messages", counts.messages},
                             {"queued", counts.queued},
                             {"held", counts.held},
                             {"refused", counts.refused},
                             {"expired", counts.expired},
                             {"bytes", counts.bytes},
                             {"oldest", optional_time(counts.oldest)}};
  body["quarantine"] = bj::object{{"held", facts.quarantine.held},
                                  {"refused", facts.quarantine.refused},
                                  {"asked", facts.quarantine.asked},
                                  {"bytes", facts.quarantine.bytes},
                                  {"limit", facts.quarantine_limit}};
  body["sessions"] = services->insight.sessions ? services->insight.sessions() : std::size_t{0};
  body["health"] = health_json(facts.health);
  body["attention"] = attention_json(attention(facts));
  Overview overview;
  overview.without_time = bj::serialize(body);
  body["time"] = mail::iso8601(facts.now);
  overview.json = bj::serialize(body);
  services->insight.cache->keep(range, services->clock.steady(), overview);
  co_return overview;
}

}  // namespace mailreeve::web
