// SPDX-License-Identifier: Apache-2.0
#include "mail/date.h"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "mail/characters.h"

namespace mailreeve::mail {
namespace {

struct Parts {
  int year;
  unsigned month, day, weekday;  // weekday 0 is Sunday
  int hour, minute, second, milli;
};

Parts split(WallTime time) {
  using namespace std::chrono;
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date{days};
  const hh_mm_ss clock{time - days};
  return {int{date.year()},
          unsigned{date.month()},
          unsigned{date.day()},
          weekday{days}.c_encoding(),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

}  // namespace

std::string rfc5322_date(WallTime time) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto t = split(time);
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", days[t.weekday], t.day, months[t.month - 1], t.year,
                     t.hour, t.minute, t.second);
}

std::string iso8601(WallTime time) {
  const auto t = split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.year, t.month, t.day, t.hour, t.minute, t.second,
                     t.milli);
}

namespace {

constexpr std::size_t date_limit = 200;

/// Words and numbers, comments left out; ":" stands alone.
std::vector<std::string> date_tokens(std::string_view value) {
  std::vector<std::string> tokens;
  std::string word;
  int depth = 0;
  const auto flush = [&] {
    if (!word.empty()) tokens.push_back(std::exchange(word, {}));
  };
  for (const char c : value.substr(0, date_limit)) {
    if (c == '(') ++depth;
    if (depth > 0) {
      if (c == ')') --depth;
      flush();
    } else if (c == ':') {
      flush();
      tokens.emplace_back(":");
    } else if (is_alphanumeric(c) || ((c == '+' || c == '-') && word.empty())) {
      word += to_lower(c);
    } else {
      flush();
    }
  }
  flush();
  return tokens;
}

std::optional<int> number_of(const std::string& token, std::size_t most_digits) {
  int value = 0;
  if (token.empty() || token.size() > most_digits) return std::nullopt;
  for (const char c : token) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Minutes east of Greenwich; RFC 5322 4.3: a name nobody knows means nothing is known, and is read as zero.
std::optional<int> zone_of(const std::string& token) {
  constexpr std::pair<std::string_view, int> names[] = {{"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300},
                                                        {"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420}};
  for (const auto& [name, minutes] : names) {
    if (token == name) return minutes;
  }
  if (token.empty() || (token[0] != '+' && token[0] != '-')) return 0;
  const auto digits = number_of(token.substr(1), 4);
  if (!digits || token.size() != 5 || *digits % 100 > 59) return std::nullopt;
  const int minutes = *digits / 100 * 60 + *digits % 100;
  return token[0] == '-' ? -minutes : minutes;
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view value) {
  using namespace std::chrono;
  constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
  const auto tokens = date_tokens(value);
  std::size_t at = !tokens.empty() && !is_digit(tokens[0].front()) ? 1 : 0;  // the name of the day
  if (tokens.size() < at + 6) return std::nullopt;
  const auto day_number = number_of(tokens[at], 2);
  const auto month = tokens[at + 1].size() >= 3 ? months.find(tokens[at + 1].substr(0, 3)) : std::string_view::npos;
  auto year_number = number_of(tokens[at + 2], 4);
  const auto hour = number_of(tokens[at + 3], 2);
  const auto minute = number_of(tokens[at + 5], 2);
  if (!day_number || month == std::string_view::npos || month % 3 != 0 || !year_number || !hour || !minute ||
      tokens[at + 4] != ":") {
    return std::nullopt;
  }
  // RFC 5322 4.3
  if (tokens[at + 2].size() == 2) *year_number += *year_number < 50 ? 2000 : 1900;
  if (tokens[at + 2].size() == 3) *year_number += 1900;
  at += 6;
  int second = 0;
  if (at + 1 < tokens.size() && tokens[at] == ":") {
    const auto seconds_number = number_of(tokens[at + 1], 2);
    if (!seconds_number) return std::nullopt;
    second = *seconds_number;
    at += 2;
  }
  const auto zone = at < tokens.size() ? zone_of(tokens[at]) : std::optional<int>{0};
  const year_month_day date{year{*year_number} / static_cast<int>(month / 3 + 1) / *day_number};
  if (!zone || !date.ok() || *hour > 23 || *minute > 59 || second > 60) return std::nullopt;
  return WallTime{sys_days{date} + hours{*hour} + minutes{*minute} + seconds{second} - minutes{*zone}};
}

}  // namespace mailreeve::mail
