// SPDX-License-Identifier: Apache-2.0
#include "judge/list_watch.h"

#include <fmt/format.h>

#include "judge/checks/list_answer.h"

namespace mailreeve::judge {

std::string_view name(ListState state) {
  constexpr std::string_view words[] = {"unknown", "good", "silent", "lists everything", "refused", "failing"};
  return words[static_cast<std::size_t>(state)];
}

ListWatch::ListWatch(Logger& log, const Clock& clock) : log_{log}, clock_{clock} {}

bool ListWatch::is_usable(const std::string& zone) const {
  std::lock_guard lock{mutex_};
  const auto found = entries_.find(zone);
  if (found == entries_.end()) return true;
  const auto state = found->second.state;
  return state != ListState::silent && state != ListState::lists_everything;
}

ListState ListWatch::state(const std::string& zone) const {
  std::lock_guard lock{mutex_};
  const auto found = entries_.find(zone);
  return found == entries_.end() ? ListState::unknown : found->second.state;
}

std::vector<std::pair<std::string, ListState>> ListWatch::states() const {
  std::lock_guard lock{mutex_};
  std::vector<std::pair<std::string, ListState>> all;
  for (const auto& [zone, entry] : entries_) all.emplace_back(zone, entry.state);
  return all;
}

std::vector<ListWatch::Report> ListWatch::reports() const {
  std::lock_guard lock{mutex_};
  std::vector<Report> all;
  for (const auto& [zone, entry] : entries_) all.push_back({zone, entry.state, entry.since, entry.detail});
  return all;
}

void ListWatch::saw_refusal(const std::string& zone, std::string_view answer) {
  become(zone, ListState::refused, fmt::format("it answers {}", answer));
}

bool ListWatch::is_failing_now(const std::string& zone) {
  constexpr unsigned in_a_row = 3;
  std::lock_guard lock{mutex_};
  auto& entry = entries_[zone];
  ++entry.failures;
  // A list that was found broken or refuses must show that it works again: silence shows nothing.
  const bool worked = entry.state == ListState::unknown || entry.state == ListState::good;
  return worked && entry.failures >= in_a_row;
}

void ListWatch::become(const std::string& zone, ListState state, std::string detail) {
  {
    std::lock_guard lock{mutex_};
    auto& entry = entries_[zone];
    entry.failures = 0;
    if (entry.state == state) return;
    entry.state = state;
    entry.since = clock_.now();
    entry.detail = detail;
  }
  if (state == ListState::good) {
    log_.info("dnslist", {{"zone", zone}, {"state", name(state)}});
    return;
  }
  std::string_view advice;
  switch (state) {
    case ListState::silent:
      advice = "it is not asked any more: is the list gone, or is a key missing in its name?";
      break;
    case ListState::lists_everything:
      advice = "it is not asked any more: such a list has usually been closed";
      break;
    case ListState::refused:
      advice = "its answers count for nothing: ask it through a resolver of your own, or register with the list";
      break;
    default:
      advice = "mail is judged without it meanwhile";
      break;
  }
  log_.warning("dnslist", {{"zone", zone}, {"state", name(state)}, {"detail", detail}, {"advice", advice}});
}

Task<void> ListWatch::examine(dns::Resolver& resolver, std::vector<std::string> zones, bool of_domains) {
  ListZone any;
  any.finding = "listed";
  for (const auto& zone : zones) {
    any.zone = zone;
    // RFC 5782 5: 127.0.0.2 (TEST) must be listed, 127.0.0.1 (INVALID) must not.
    const auto bad = co_await resolver.addresses((of_domains ? "invalid." : "1.0.0.127.") + zone, dns::Type::a);
    const auto good = co_await resolver.addresses((of_domains ? "test." : "2.0.0.127.") + zone, dns::Type::a);
    const auto never = read_list_answer(any, bad, {});
    const auto always = read_list_answer(any, good, {});
    if (!never.refusal.empty() || !always.refusal.empty()) {
      saw_refusal(zone, never.refusal.empty() ? always.refusal : never.refusal);
    } else if (!never.findings.empty()) {
      become(zone, ListState::lists_everything, of_domains ? "it lists INVALID" : "it lists 127.0.0.1");
    } else if (never.failed || always.failed) {
      if (is_failing_now(zone)) become(zone, ListState::failing, "its test entries cannot be looked up");
    } else if (always.findings.empty()) {
      become(zone, ListState::silent, of_domains ? "it does not list TEST" : "it does not list 127.0.0.2");
    } else {
      become(zone, ListState::good, {});
    }
  }
}

}  // namespace mailreeve::judge
