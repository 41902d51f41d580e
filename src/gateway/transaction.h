// SPDX-License-Identifier: Apache-2.0
// What a session knows of the transaction under way. Private to gateway/.
#pragma once

#include "gateway/session.h"

namespace mailreeve::gateway {

/// One MAIL .. end of data.
struct Session::Transaction {
  Transaction(const SessionServices& services, const Live& live, WallTime now)
      : id{MessageId::make(now, services.random)},
        spool{services.files, services.data_dir, live.options.limits.memory_body},
        loops{live.options.host_name},
        time{now},
        began{services.clock.steady()} {}

  MessageId id;
  std::vector<MessageId> further;  // of what else it became: see Session::variants_of
  std::string sender;              // kept here: the machine forgets it when it ends the transaction itself
  std::vector<AcceptedRecipient> recipients;
  std::vector<std::string> refusals;  // "address: reply", the first few
  unsigned refused = 0;
  std::optional<Judgement> judgement;
  BodySpool spool;
  std::optional<Error> spool_failure;
  mail::LoopDetector loops;
  WallTime time;
  SteadyTime began;
  SteadyTime data_began;
  std::uint64_t received = 0;
  bool begins_folded = false;  // its first line would continue our own trace field
};

}  // namespace mailreeve::gateway
