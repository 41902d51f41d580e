// SPDX-License-Identifier: Apache-2.0
// Structured log lines: an event name and fields, written as one line of JSON or text to standard error.
// Everything from outside is escaped: one call makes exactly one line (reliability.md W14).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mailreeve {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { json, text };

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool, std::vector<std::string>, std::string> value;

  Field(std::string_view n, std::string_view v) : name{n}, value{v} {}
  Field(std::string_view n, const char* v) : name{n}, value{std::string_view{v}} {}
  Field(std::string_view n, const std::string& v) : name{n}, value{std::string_view{v}} {}
  Field(std::string_view n, std::string&& v) : name{n}, value{std::move(v)} {}  // a temporary is kept
  Field(std::string_view n, bool v) : name{n}, value{v} {}
  Field(std::string_view n, double v) : name{n}, value{v} {}
  Field(std::string_view n, std::vector<std::string> v) : name{n}, value{std::move(v)} {}
  template <class Integer>
    requires std::is_integral_v<Integer>
  Field(std::string_view n, Integer v) : name{n}, value{static_cast<std::int64_t>(v)} {}
};

/// Safe to call from any thread. Views in fields need to live only during the call; temporaries are kept by the field.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void write(LogLevel level, std::string_view event, const std::vector<Field>& fields) = 0;
  virtual void set_level(LogLevel level) = 0;

  void debug(std::string_view event, const std::vector<Field>& fields = {}) { write(LogLevel::debug, event, fields); }
  void info(std::string_view event, const std::vector<Field>& fields = {}) { write(LogLevel::info, event, fields); }
  void warning(std::string_view event, const std::vector<Field>& fields = {}) {
    write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, const std::vector<Field>& fields = {}) { write(LogLevel::error, event, fields); }
};

/// One line as it would be written, without the newline; `time` is ISO 8601 in UTC.
std::string format_log_line(LogFormat format, std::string_view time, LogLevel level, std::string_view event,
                            const std::vector<Field>& fields);

class LogTail;

/// Writes to standard error, and to `tail` where there is one.
std::unique_ptr<Logger> make_logger(LogFormat format, LogLevel level, std::shared_ptr<LogTail> tail = nullptr);
/// Drops everything: for tests and commands that must stay quiet.
std::unique_ptr<Logger> make_silent_logger();

}  // namespace mailreeve
