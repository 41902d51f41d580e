// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "delivery/target.h"

namespace mailreeve::delivery {

/// before_accept: the internal server's answer reaches the sender. queue: durable first, delivered after.
enum class Handover { before_accept, queue };

struct Route {
  Target target;
  Handover handover = Handover::before_accept;
};

/// Domain of ours (its main name, as in RecipientDecision::domain) -> where its mail goes.
/// A destination that is not here is somebody else's: delivered to its MX.
using Routes = std::map<std::string, Route>;

}  // namespace mailreeve::delivery
