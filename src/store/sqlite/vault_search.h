// SPDX-License-Identifier: Apache-2.0
// What is asked of the vault, on a read-only connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/database.h"
#include "store/vault.h"

namespace mailreeve::store::sqlite {

/// A finding's code as the one word that it is found by: "dnsbl.spamhaus" -> "dnsbl_spamhaus".
std::string finding_word(std::string_view code);

/// What people typed as a question to FTS5 that is always well-formed: words and "phrases in quotes", all of which must
/// be there; the last word may be a beginning when it has three letters. `column`: empty for any.
std::string fts_query(std::string_view typed, std::string_view column, bool last_may_begin);

std::vector<HeldMessage> search_vault(Database& database, const HeldFilter& filter);
std::optional<HeldMessage> show_held(Database& database, const MessageId& id);
std::optional<MessageId> held_of_transaction(Database& database, const MessageId& transaction);
std::vector<Release> releases(Database& database, const std::optional<MessageId>& only);
std::vector<std::pair<std::string, std::uint64_t>> released_findings(Database& database, WallTime since);

}  // namespace mailreeve::store::sqlite
