// SPDX-License-Identifier: Apache-2.0
// What an attempt's result means for a queued recipient. Pure: values in, a change out.
#pragma once

#include "base/random.h"
#include "delivery/options.h"
#include "delivery/result.h"
#include "store/queue.h"

namespace mailreeve::delivery {

/// delivered -> delivered. permanent -> refused: kept, never bounced to a stranger. temporary -> queued until the next
/// step of Options::retry, +-10% so that what failed together does not come back together; expired once
/// Options::give_up has passed since the message was accepted.
store::Change change_after(const store::QueuedMessage& message, const store::QueuedRecipient& recipient,
                           const RecipientResult& result, WallTime now, const Options& options, Random& random);

}  // namespace mailreeve::delivery
