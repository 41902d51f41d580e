// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "smtp/client.h"

namespace mailreeve::delivery {

using smtp::RecipientResult;

/// What one attempt at one destination came to.
struct Attempt {
  std::vector<RecipientResult> results;  // one for each recipient, in the envelope's order
  /// The destination itself could not be reached or talked to: nothing was said about this message.
  bool unreachable = false;
  /// We are stopping and never asked: nothing is known, nothing is to be recorded.
  bool abandoned = false;
  std::string server;  // who answered: "10.0.0.25:25", "/run/lmtp", a Maildir's path
};

/// The same result for every recipient.
Attempt same_for_all(std::size_t recipients, RecipientResult::Outcome outcome, smtp::Reply reply);

}  // namespace mailreeve::delivery
