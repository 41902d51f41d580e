// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/current.h"
#include "delivery/plan.h"
#include "gateway/options.h"
#include "judge/recipients.h"
#include "judge/rules.h"
#include "net/tls.h"

namespace mailreeve::gateway {

/// Everything of the settings that a session goes by. A session keeps the version it began with; a reload makes a new
/// one for the sessions that come after.
struct Live {
  Options options;
  judge::AddressBook recipients;
  std::shared_ptr<const net::TlsContext> tls;  // null: no certificate, no STARTTLS
  std::shared_ptr<const delivery::Plan> plan;
  std::shared_ptr<const judge::Rules> rules = std::make_shared<const judge::Rules>();
  std::chrono::seconds history_keep = std::chrono::hours{24 * 30};
};

}  // namespace mailreeve::gateway
