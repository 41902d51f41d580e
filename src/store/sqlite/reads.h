// SPDX-License-Identifier: Apache-2.0
// Questions to the queue's tables, on a read-only connection inside a transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/queue.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

std::vector<std::string> due_destinations(Database& database, WallTime now, std::size_t limit);
std::optional<WallTime> next_due(Database& database);
std::vector<QueuedMessage> list(Database& database, const Filter& filter);
std::optional<QueuedMessage> show(Database& database, const MessageId& id);
/// When the longest waiting queued message was accepted.
std::optional<WallTime> oldest_queued(Database& database);
std::vector<DestinationSummary> destinations(Database& database, std::size_t limit);

}  // namespace mailreeve::store::sqlite
