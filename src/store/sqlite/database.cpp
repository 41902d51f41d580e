// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/database.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace mailreeve::store::sqlite {

Database::Database(const std::string& path, const std::string& vfs, Access access) : path_{path} {
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    note_failure(handle_ != nullptr ? sqlite3_extended_errcode(handle_) : code, "opening it");
    return;
  }
  sqlite3_extended_result_codes(handle_, 1);
  // The writer checkpoints when it chooses; a connection that closes must not.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(handle_, busy_milliseconds);
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<void> Database::status() const {
  if (code_ == SQLITE_OK) return {};
  if (full_) {
    return fail(ErrorKind::full,
                fmt::format("no room for {}: {}. Free space on its file system; mail is taken again by "
                            "itself afterwards",
                            path_, text_));
  }
  return fail(ErrorKind::io,
              fmt::format("{} failed: {}. See the kernel log for the disk's own messages", path_, text_));
}

void Database::note_failure(int code, std::string_view doing) {
  if (failed()) return;
  code_ = code;
  const int system = handle_ != nullptr ? sqlite3_system_errno(handle_) : 0;
  const int kind = code & 0xff;
  const bool from_system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
  full_ = kind == SQLITE_FULL || (from_system && (system == ENOSPC || system == EDQUOT));
  text_ = fmt::format("{} (SQLite {}, {})", sqlite3_errstr(code), code, doing);
  if (from_system && system != 0) text_ += fmt::format(", {}", std::strerror(system));
}

void Database::execute(const char* sql) {
  if (failed()) return;
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) note_failure(code, sql);
}

Statement::~Statement() { sqlite3_finalize(handle_); }

bool Statement::prepare() {
  if (database_.failed()) return false;
  if (handle_ != nullptr) return true;
  check(sqlite3_prepare_v3(database_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
  return handle_ != nullptr;
}

void Statement::check(int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) database_.note_failure(code, sql_);
}

Statement& Statement::bind(int index, std::int64_t value) {
  if (prepare()) check(sqlite3_bind_int64(handle_, index, value));
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  if (prepare()) check(sqlite3_bind_text64(handle_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  if (prepare()) check(sqlite3_bind_blob64(handle_, index, data, bytes.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_null(int index) {
  if (prepare()) check(sqlite3_bind_null(handle_, index));
  return *this;
}

bool Statement::row() {
  if (!prepare()) return false;
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  check(code);
  sqlite3_reset(handle_);
  return false;
}

void Statement::run() {
  while (row()) {
  }
}

void Statement::reset() {
  if (handle_ != nullptr) sqlite3_reset(handle_);
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

}  // namespace mailreeve::store::sqlite
