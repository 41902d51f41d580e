// SPDX-License-Identifier: Apache-2.0
// What the running gateway keeps for its web listeners: accounts, sessions, the audit log.
#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/current.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/spawner.h"
#include "config/settings.h"
#include "store/sqlite/people.h"
#include "web/access.h"
#include "web/services.h"

namespace mailreeve::cli {

class Doorkeeper {
 public:
  Doorkeeper(const config::Settings& settings, const Clock& clock, Logger& log);
  /// Opens people.db in the data directory.
  Result<void> open(Metrics& metrics);
  /// What the routes need of it.
  void lend(web::Services& services);
  /// What a reload changes.
  void use(const web::Options& options);
  /// This machine, or a trusted proxy: many people may come from there.
  bool is_proxy(const IpAddress& client) const;
  /// Without an account a set-up link is written to `err`. Then deletes from time to time what is over.
  Task<void> run(Spawner& spawner, std::ostream& err);
  /// Finishes what was asked for. Before the loops go.
  void close();

 private:
  std::string host_;
  std::string path_;
  const Clock& clock_;
  Logger& log_;
  Current<web::Options> options_;
  std::unique_ptr<store::sqlite::People> people_;
  std::optional<web::Access> access_;
};

}  // namespace mailreeve::cli
