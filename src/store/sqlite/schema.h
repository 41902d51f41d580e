// SPDX-License-Identifier: Apache-2.0
// The tables of queue.db, and how a connection that writes or reads it is set up.
#pragma once

#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

/// What user_version says; a file with a greater one was written by a newer Mailreeve and is refused.
inline constexpr int schema_version = 2;

/// Bodies up to this many bytes lie in the message's own row, longer ones in rows of `mail::Body::chunk_size`.
inline constexpr std::size_t inline_limit = std::size_t{64} * 1024;

/// A chunk's key is its message's key times this, plus its number: 2^16 chunks of 256 KiB are 16 GiB.
inline constexpr std::int64_t chunks_per_message = 1 << 16;

/// A database file of ours, as its header names it.
struct FileKind {
  std::string_view name;  // for people: "queue"
  int application_id;
  int version;
  const char* tables;             // makes an empty file one of ours
  const char* upgrade = nullptr;  // makes one of the version before one of this
};
/// Creates the tables, or brings them up to date. ErrorKind::invalid for a file that is not ours or too new.
Result<void> create_or_check(Database& database, const FileKind& kind);

/// WAL, synchronous=FULL, tables created where missing. ErrorKind::invalid for a file that is not ours or too new.
Result<void> prepare_writer(Database& database);
Result<void> prepare_reader(Database& database);

}  // namespace mailreeve::store::sqlite
