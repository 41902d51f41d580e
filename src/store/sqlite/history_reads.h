// SPDX-License-Identifier: Apache-2.0
// What is asked of `archive.db`. Private to store/sqlite/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/history.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

constexpr const char* history_columns =
    "h.id, h.time, h.kind, h.client, h.helo, h.listener, h.sender, h.recipients, h.verdict, h.reply, h.decided_by, "
    "h.score, h.findings";
/// The row of a SELECT that begins with `history_columns`.
HistoryRecord history_record_of(const Statement& row);

Result<std::vector<HistoryRecord>> search_history(Database& database, const HistoryFilter& filter);
Result<std::optional<HistoryRecord>> show_history(Database& database, const std::string& id);
Result<std::vector<MessageId>> ids_of(Database& database, const MessageId& id);
Result<std::vector<Delivery>> deliveries_of(Database& database, const MessageId& id);
Result<std::vector<Tally>> verdict_tallies(Database& database, WallTime since, std::chrono::seconds step, WallTime now);
Result<std::map<std::string, std::uint64_t>> finding_tallies(Database& database, WallTime since, WallTime now);

/// What people type as an expression for the index of words: each word must stand somewhere but in the verdict, or
/// begin a word there. Nothing when there is no word in it.
std::optional<std::string> words_expression(std::string_view text);

}  // namespace mailreeve::store::sqlite
