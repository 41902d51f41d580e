// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>

namespace mailreeve {
namespace {

std::string_view word(LogLevel level) {
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
  return "error";
}

/// Octets of the well-formed UTF-8 character at the start of `text`, 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) length = 2;
  if (lead >= 0xe0 && lead <= 0xef) length = 3;
  if (lead >= 0xf0 && lead <= 0xf4) length = 4;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    const auto length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  out += '"';
}

bool is_plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

struct AppendValue {
  std::string& out;
  LogFormat format;
  void operator()(std::string_view text) const {
    if (format == LogFormat::text && is_plain(text)) {
      out += text;
    } else {
      append_quoted(out, text);
    }
  }
  void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(double number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(bool yes) const { out += yes ? "true" : "false"; }
  void operator()(const std::vector<std::string>& list) const {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out += ',';
      append_quoted(out, list[i]);
    }
    out += ']';
  }
};

std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = millis / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, millis % 1000);
}

class StandardErrorLogger final : public Logger {
 public:
  StandardErrorLogger(LogFormat format, LogLevel level) : format_{format}, level_{level} {}
  void set_level(LogLevel level) override { level_ = level; }
  void write(LogLevel level, std::string_view event, const std::vector<Field>& fields) override {
    if (level < level_) return;
    auto line = format_log_line(format_, now_text(), level, event, fields);
    line += '\n';
    // One write a line, so that lines of several threads do not mix. A full or closed pipe must not stop the mail.
    std::string_view rest = line;
    while (!rest.empty()) {
      const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (written <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  LogFormat format_;
  std::atomic<LogLevel> level_;
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
  const bool json = format == LogFormat::json;
  if (json) {
    out += R"({"time":")";
    out += time;
    out += R"(","level":")";
    out += word(level);
    out += R"(","event":)";
    append_quoted(out, event);
  } else {
    out += time;
    out += ' ';
    out += word(level);
    out += ' ';
    AppendValue{out, format}(event);
  }
  for (const auto& field : fields) {
    if (json) {
      out += ',';
      append_quoted(out, field.name);
      out += ':';
    } else {
      out += ' ';
      out += field.name;
      out += '=';
    }
    std::visit(AppendValue{out, format}, field.value);
  }
  if (json) out += '}';
  return out;
}

std::unique_ptr<Logger> make_logger(LogFormat format, LogLevel level) {
  return std::make_unique<StandardErrorLogger>(format, level);
}

std::unique_ptr<Logger> make_silent_logger() { return std::make_unique<SilentLogger>(); }

}  // namespace mailreeve
