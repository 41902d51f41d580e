// SPDX-License-Identifier: Apache-2.0
#include "web/throttle.h"

#include <algorithm>

namespace mailreeve::web {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::size_t keys_limit = 10'000;
constexpr auto forgiven_after = 1h;  // since the last failure
constexpr auto halved_after = 5min;  // a network's failures
constexpr auto known_for = std::chrono::hours{24 * 30};

std::string here_key(const std::string& account, const std::string& network) { return "h " + network + ' ' + account; }
std::string network_only(const std::string& network) { return "n " + network; }
std::string account_only(const std::string& account) { return "a " + account; }

template <class Entries, class Old>
void forget(Entries& entries, Old is_old) {
  std::erase_if(entries, [&](const auto& entry) { return is_old(entry.second); });
}

}  // namespace

std::string network_key(const std::optional<IpAddress>& client) {
  return client ? counting_network(*client).text() : "local";
}

seconds Throttle::wait_of(const std::string& key, const Rule& rule) const {
  const auto found = counts_.find(key);
  if (found == counts_.end() || found->second.failures < rule.free) return 0s;
  const auto& count = found->second;
  const auto over = std::min(count.failures - rule.free, 20U);
  const auto wait = std::min(seconds{1LL << over}, rule.most);
  const auto left = count.last + wait - clock_.steady();
  return std::max(std::chrono::ceil<seconds>(left), seconds{0});
}

void Throttle::add(const std::string& key, bool is_network) {
  auto& count = counts_[key];
  const auto now = clock_.steady();
  if (count.failures > 0 && now - count.last >= forgiven_after) count.failures = 0;
  // Behind one address there may be thousands of people, some of whom mistype every hour.
  if (is_network) {
    for (auto age = now - count.last; count.failures > 0 && age >= halved_after; age -= halved_after) {
      count.failures /= 2;
    }
  }
  ++count.failures;
  count.last = now;
}

void Throttle::make_room() {
  if (counts_.size() < keys_limit) return;
  const auto now = clock_.steady();
  forget(counts_, [&](const Count& count) { return now - count.last >= forgiven_after; });
  // Somebody floods us from many places: what failed least is what tells least.
  for (unsigned failures = 1; counts_.size() >= keys_limit; failures *= 2) {
    forget(counts_, [&](const Count& count) { return count.failures <= failures; });
  }
}

seconds Throttle::attempt(const std::string& account, const std::optional<IpAddress>& client) {
  const auto network = network_key(client);
  const auto here = here_key(account, network);
  std::lock_guard lock{mutex_};
  auto wait = wait_of(here, {5, 15min});
  // Who signed in from there lately is held up by nobody's mistakes but his own, neither by neighbours nor from afar.
  const auto known = known_.find(here);
  const bool is_known = known != known_.end() && clock_.steady() - known->second < known_for;
  if (!is_known) {
    wait = std::max({wait, wait_of(network_only(network), {20, 15min}), wait_of(account_only(account), {50, 60s})});
  }
  if (wait > 0s) return wait;
  make_room();
  add(here, false);
  add(network_only(network), true);
  add(account_only(account), false);
  return 0s;
}

void Throttle::succeeded(const std::string& account, const std::optional<IpAddress>& client) {
  const auto network = network_key(client);
  const auto here = here_key(account, network);
  std::lock_guard lock{mutex_};
  counts_.erase(here);
  // Whoever has an account of his own must not clear the way for guesses at others: only this try is taken back.
  for (const auto& key : {network_only(network), account_only(account)}) {
    const auto found = counts_.find(key);
    if (found != counts_.end() && --found->second.failures == 0) counts_.erase(found);
  }
  if (known_.size() >= keys_limit) {
    const auto now = clock_.steady();
    forget(known_, [&](SteadyTime last) { return now - last >= known_for; });
    if (known_.size() >= keys_limit) known_.clear();
  }
  known_[here] = clock_.steady();
}

bool Ration::take(const std::string& key) {
  std::lock_guard lock{mutex_};
  const auto now = clock_.steady();
  if (taken_.size() >= keys_limit) {
    forget(taken_, [&](const Taken& taken) { return now - taken.since >= window_; });
    if (taken_.size() >= keys_limit) return false;
  }
  auto& taken = taken_[key];
  if (taken.count > 0 && now - taken.since >= window_) taken = {};
  if (taken.count == 0) taken.since = now;
  if (taken.count >= count_) return false;
  ++taken.count;
  return true;
}

}  // namespace mailreeve::web
