// SPDX-License-Identifier: Apache-2.0
#include "cli/doorkeeper.h"

#include <algorithm>
#include <ostream>

namespace mailreeve::cli {

using namespace std::chrono_literals;

Doorkeeper::Doorkeeper(const config::Settings& settings, const Clock& clock, Logger& log)
    : host_{settings.host_name},
      path_{settings.data_dir + "/people.db"},
      clock_{clock},
      log_{log},
      options_{std::make_shared<const web::Options>(settings.web)} {}

Result<void> Doorkeeper::open(Metrics& metrics) {
  auto people = store::sqlite::open_people(path_, log_, metrics);
  if (!people) return fail(people);
  people_ = std::move(*people);
  access_.emplace(people_->accounts(), clock_, log_, options_);
  return {};
}

void Doorkeeper::lend(web::Services& services) {
  services.access = &*access_;
  services.audit = &people_->audit();
  services.host = host_;
  services.version = MAILREEVE_VERSION;
}

void Doorkeeper::use(const web::Options& options) { options_.set(std::make_shared<const web::Options>(options)); }

bool Doorkeeper::is_proxy(const IpAddress& client) const {
  const auto options = options_.get();
  return client.is_loopback() ||
         std::ranges::any_of(options->trusted_proxies, [&](const auto& network) { return network.contains(client); });
}

Task<void> Doorkeeper::run(Spawner& spawner, std::ostream& err) {
  if (!options_.get()->url.empty()) {
    const auto link = co_await access_->make_setup_link();
    if (link) {
      // The link is as good as a password: it is not for the log.
      log_.warning("setup", {{"text", "there is no account yet; the link on the next line makes the first one"}});
      err << "mailreeve: to set up the first account, open " << *link
          << " within 24 hours; `mailreeve user setup-link` prints another" << std::endl;
    }
  }
  while (true) {
    co_await access_->sweep();
    const auto expired = co_await people_->audit().expire(clock_.now() - options_.get()->audit_keep);
    if (expired && *expired > 0) log_.info("audit", {{"expired", static_cast<std::int64_t>(*expired)}});
    const bool go_on = co_await spawner.sleep(10min);
    if (!go_on) co_return;
  }
}

void Doorkeeper::close() {
  access_.reset();
  people_.reset();
}

}  // namespace mailreeve::cli
