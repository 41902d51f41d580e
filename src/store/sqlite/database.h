// SPDX-License-Identifier: Apache-2.0
// A connection to SQLite and its prepared statements, with errors that stick.
//
// After the first failure every further call on the same connection does nothing and answers "no row", until
// `clear_error`. So an operation of ten statements is written without ten tests, and asks `status()` once at its end.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mailreeve::store::sqlite {

class Database {
 public:
  enum class Access { read, write };
  static constexpr int busy_milliseconds = 5000;

  Database(const std::string& path, const std::string& vfs, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Success, or the first failure since `clear_error`: ErrorKind::full without room, else ErrorKind::io.
  Result<void> status() const;
  bool failed() const { return code_ != SQLITE_OK; }
  /// The extended result code of that failure.
  int code() const { return code_; }
  void clear_error() { code_ = SQLITE_OK; }
  void note_failure(int code, std::string_view doing);

  void execute(const char* sql);
  /// True outside of BEGIN .. COMMIT; SQLite leaves a transaction by itself after some failures.
  bool idle() const { return handle_ == nullptr || sqlite3_get_autocommit(handle_) != 0; }
  int changes() const { return sqlite3_changes(handle_); }
  sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
  int code_ = SQLITE_OK;
  bool full_ = false;
  std::string path_;
  std::string text_;
};

/// Prepared at first use, kept until the connection closes. Bound bytes are not copied: they must live until `reset`.
class Statement {
 public:
  Statement(Database& database, const char* sql) : database_{database}, sql_{sql} {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, std::int64_t value);
  Statement& bind_text(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind_null(int index);

  /// Steps; true when there is a row. After the last one the statement is reset.
  bool row();
  /// Steps to the end.
  void run();
  void reset();

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  /// Valid until the next step or reset.
  std::string_view bytes(int column) const;

 private:
  bool prepare();
  void check(int code);

  Database& database_;
  const char* sql_;
  sqlite3_stmt* handle_ = nullptr;
};

}  // namespace mailreeve::store::sqlite
