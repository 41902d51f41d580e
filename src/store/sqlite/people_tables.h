// SPDX-License-Identifier: Apache-2.0
// What people.db holds, read and changed by statements on one connection. Private to store/sqlite.
#pragma once

#include "store/accounts.h"
#include "store/audit.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

Result<void> prepare_people(Database& database);

// Each reads; the caller looks at the connection's status.
std::vector<User> read_users(Database& database);
std::optional<User> read_user(Database& database, std::string_view name);
std::vector<ApiToken> read_tokens(Database& database);
std::optional<TokenHolder> find_token(Database& database, std::string_view secret_hash, WallTime now);
std::optional<SessionHolder> find_session(Database& database, std::string_view secret_hash);
std::vector<AuditEntry> read_audit(Database& database, const AuditFilter& filter);

// Each changes, within a transaction of the caller. Errors are the callers' mistakes; nothing was written then.
Result<void> insert_user(Database& database, const User& user);
Result<void> insert_first_user(Database& database, const User& user, std::string_view setup_hash, WallTime now);
Result<User> update_user(Database& database, std::string_view name, const UserChange& change,
                         std::int64_t keep_session);
Result<void> delete_user(Database& database, std::string_view name);
Result<void> insert_token(Database& database, const ApiToken& token);
Result<ApiToken> revoke_token(Database& database, std::string_view id);
std::int64_t insert_session(Database& database, const Session& session);
bool rotate_session(Database& database, std::int64_t key, std::string_view old_hash, std::string_view new_hash,
                    WallTime now, WallTime old_until);
void insert_secret(Database& database, const OneTimeSecret& secret);
std::optional<std::string> redeem_secret(Database& database, std::string_view secret_hash, std::string_view purpose,
                                         WallTime now);
void sweep_people(Database& database, WallTime now, WallTime seen, WallTime begun);
void insert_audit(Database& database, const AuditEntry& entry);
/// A step; answers how many went.
std::uint64_t expire_audit(Database& database, WallTime before);

}  // namespace mailreeve::store::sqlite
