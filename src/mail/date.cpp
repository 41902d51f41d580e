// SPDX-License-Identifier: Apache-2.0
#include "mail/date.h"

#include <array>
#include <chrono>

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

}  // namespace mailreeve::mail
