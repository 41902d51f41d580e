// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iterator>
#include <mutex>

#include "base/log_tail.h"

namespace mailreeve {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

struct CodePoint {
  char32_t value;
  std::size_t size;  // bytes; 0: not UTF-8 here
};

/// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {0, 0};
  char32_t value = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return overlong || surrogate || value > 0x10ffff ? CodePoint{0, 0} : CodePoint{value, size};
}

/// What a terminal or a log reader could take for a command, a line end, or text in another order: C0, DEL, C1,
/// line and paragraph separators, bidirectional controls.
bool is_unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  const auto needs_care = [](char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; };
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if(text, needs_care) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto point = decode(text);
    if (point.size == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD
      text.remove_prefix(1);
      continue;
    }
    if (point.value == '"' || point.value == '\\') {
      out += '\\';
      out += static_cast<char>(point.value);
    } else if (point.value == '\n') {
      out += "\\n";
    } else if (point.value == '\r') {
      out += "\\r";
    } else if (point.value == '\t') {
      out += "\\t";
    } else if (is_unsafe(point.value)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(point.value));
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  out += '"';
}

/// In text lines a value goes without quotes where nobody can misread it.
void append_bare_or_quoted(std::string& out, std::string_view text) {
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=' && c != '['; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

struct AppendValue {
  std::string& out;
  LogFormat format;

  void operator()(std::string_view text) const {
    if (format == LogFormat::json) {
      append_quoted(out, text);
    } else {
      append_bare_or_quoted(out, text);
    }
  }
  void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      fmt::format_to(std::back_inserter(out), "{}", number);
    } else {
      out += "null";  // JSON has no infinity
    }
  }
  void operator()(bool yes) const { out += yes ? "true" : "false"; }
  void operator()(const std::vector<std::string>& list) const {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) out += ',';
      append_quoted(out, list[i]);
    }
    out += ']';
  }
};

std::string time_text(WallTime now) {
  const auto millis = to_millis(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(millis / 1000)),
                     millis % 1000);
}

/// Straight to the descriptor: one write a line, so that lines of several processes do not mix either.
class StandardErrorLogger final : public Logger {
 public:
  StandardErrorLogger(LogFormat format, LogLevel level, std::shared_ptr<LogTail> tail)
      : format_{format}, level_{level}, tail_{std::move(tail)} {}

  void write(LogLevel level, std::string_view event, const std::vector<Field>& fields) override {
    if (level < level_.load(std::memory_order_relaxed)) return;
    const auto now = SystemClock{}.now();
    std::string line = format_log_line(format_, time_text(now), level, event, fields);
    line += '\n';
    if (tail_) tail_->append(line, now);
    std::lock_guard lock{mutex_};
    write_all(line);
  }

  void set_level(LogLevel level) override { level_.store(level, std::memory_order_relaxed); }

 private:
  /// A log that nobody takes is dropped: mail goes on.
  static void write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
      if (written > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        pollfd ready{STDERR_FILENO, POLLOUT, 0};
        if (::poll(&ready, 1, 100) <= 0) return;
      } else if (errno != EINTR) {
        return;
      }
    }
  }

  LogFormat format_;
  std::atomic<LogLevel> level_;
  std::shared_ptr<LogTail> tail_;
  std::mutex mutex_;
};

class SilentLogger final : public Logger {
 public:
  void write(LogLevel, std::string_view, const std::vector<Field>&) override {}
  void set_level(LogLevel) override {}
};

}  // namespace

std::string format_log_line(LogFormat format, std::string_view time, LogLevel level, std::string_view event,
                            const std::vector<Field>& fields) {
  std::string out;
  out.reserve(256);
  const AppendValue append{out, format};
  if (format == LogFormat::json) {
    out += "{\"time\":";
    append(time);
    out += ",\"level\":";
    append(name_of(level));
    out += ",\"event\":";
    append(event);
    for (const auto& field : fields) {
      out += ',';
      append_quoted(out, field.name);
      out += ':';
      std::visit(append, field.value);
    }
    out += '}';
  } else {
    append(time);
    out += ' ';
    out += name_of(level);
    out += ' ';
    append(event);
    for (const auto& field : fields) {
      out += ' ';
      append_bare_or_quoted(out, field.name);
      out += '=';
      std::visit(append, field.value);
    }
  }
  return out;
}

std::unique_ptr<Logger> make_logger(LogFormat format, LogLevel level, std::shared_ptr<LogTail> tail) {
  return std::make_unique<StandardErrorLogger>(format, level, std::move(tail));
}

std::unique_ptr<Logger> make_silent_logger() { return std::make_unique<SilentLogger>(); }

}  // namespace mailreeve
