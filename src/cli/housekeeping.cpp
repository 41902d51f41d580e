// SPDX-License-Identifier: Apache-2.0
#include "cli/housekeeping.h"

namespace mailreeve::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto history_every = 1h;
constexpr auto vault_every = 10min;
constexpr auto room_every = 10s;

std::vector<std::string> zones_of(const std::vector<judge::ListZone>& lists) {
  std::vector<std::string> zones;
  for (const auto& list : lists) zones.push_back(list.zone);
  return zones;
}

}  // namespace

void Housekeeping::start() {
  services_.loop.spawn("dns lists", watch_lists());
  services_.loop.spawn("history", expire_history());
  services_.loop.spawn("quarantine", keep_vault());
  services_.loop.spawn("quarantine's room", watch_vault());
}

Task<void> Housekeeping::watch_lists() {
  while (true) {
    const auto rules = services_.live.get()->rules;
    const auto& options = rules->options;
    co_await services_.lists.examine(services_.resolver, zones_of(options.dnsbl.lists), false);
    co_await services_.lists.examine(services_.resolver, zones_of(options.rhsbl.lists), true);
    const bool go_on = co_await services_.loop.sleep(options.dnsbl.recheck);
    if (!go_on) co_return;
  }
}

Task<void> Housekeeping::expire_history() {
  while (true) {
    const auto before = services_.clock.now() - services_.live.get()->history_keep;
    const auto expired = co_await services_.history.expire(before);
    if (expired && *expired > 0) services_.log.info("history", {{"expired", *expired}});
    const bool go_on = co_await services_.loop.sleep(history_every);
    if (!go_on) co_return;
  }
}

Task<void> Housekeeping::keep_vault() {
  while (true) {
    co_await services_.custodian.finish_releases();
    const auto expired = co_await services_.custodian.expire();
    if (!expired) services_.log.error("quarantine", {{"error", expired.error().text}});
    if (expired && *expired > 0) services_.log.info("quarantine", {{"expired", *expired}});
    const auto shrunk = co_await services_.vault.shrink();
    if (!shrunk) services_.log.error("quarantine", {{"error", shrunk.error().text}});
    const bool go_on = co_await services_.loop.sleep(vault_every);
    if (!go_on) co_return;
  }
}

Task<void> Housekeeping::watch_vault() {
  while (true) {
    warn_of_vault();
    const bool go_on = co_await services_.loop.sleep(room_every);
    if (!go_on) co_return;
  }
}

/// Before the limit bites: said again only after it was better.
void Housekeeping::warn_of_vault() {
  const auto limit = services_.live.get()->options.quarantine.max_size;
  const auto used = services_.vault.counts().bytes;
  const bool filling = limit > 0 && used >= limit / 5 * 4;
  if (filling && !vault_filling_) {
    services_.log.warning("quarantine.filling",
                          {{"bytes", used},
                           {"max_size", limit},
                           {"hint",
                            "at the limit copies of refused mail go, then mail to be held is put off with 452; raise "
                            "max-size in [quarantine] or lower keep"}});
  }
  vault_filling_ = filling;
}

}  // namespace mailreeve::cli
