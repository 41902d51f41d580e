// SPDX-License-Identifier: Apache-2.0
// What a running gateway does from time to time: lists are asked whether they are in order, old records go, releases
// that a crash cut short are finished.
#pragma once

#include "base/current.h"
#include "dns/resolver.h"
#include "gateway/custodian.h"
#include "gateway/live.h"
#include "judge/list_watch.h"
#include "net/loop.h"
#include "store/history.h"

namespace mailreeve::cli {

struct HousekeepingServices {
  net::Loop& loop;
  gateway::Custodian& custodian;
  store::Vault& vault;
  store::History& history;
  judge::ListWatch& lists;
  dns::Resolver& resolver;
  const Current<gateway::Live>& live;
  const Clock& clock;
  Logger& log;
};

class Housekeeping {
 public:
  explicit Housekeeping(const HousekeepingServices& services) : services_{services} {}
  /// Begins everything on the loop; it ends with the loop.
  void start();

 private:
  Task<void> watch_lists();
  Task<void> expire_history();
  Task<void> keep_vault();
  Task<void> watch_vault();
  void warn_of_vault();

  HousekeepingServices services_;
  bool vault_filling_ = false;
};

}  // namespace mailreeve::cli
