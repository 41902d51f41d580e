// SPDX-License-Identifier: Apache-2.0
#include "gateway/digest_times.h"

#include <fmt/format.h>

#include <ctime>

namespace mailreeve::gateway {
namespace {

using store::DigestTimes;

constexpr int monday = 1;
constexpr int friday = 5;
constexpr int days_back = 8;  // a week, and one for today's that is yet to come

std::tm local(WallTime time) {
  const auto seconds = static_cast<std::time_t>(to_millis(time) / 1000);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

WallTime from_local(std::tm time) {
  time.tm_isdst = -1;
  return from_millis(static_cast<std::int64_t>(std::mktime(&time)) * 1000);
}

bool is_day_of(DigestTimes times, int weekday) {
  if (times == DigestTimes::weekly) return weekday == monday;
  if (times == DigestTimes::weekdays) return weekday >= monday && weekday <= friday;
  return true;
}

}  // namespace

std::optional<WallTime> latest_slot(DigestTimes times, std::chrono::minutes at, WallTime now) {
  if (times == DigestTimes::never) return std::nullopt;
  const auto today = local(now);
  if (times == DigestTimes::hourly) {
    const auto past = std::chrono::minutes{today.tm_min} + std::chrono::seconds{today.tm_sec};
    return std::chrono::floor<std::chrono::seconds>(now) - past;
  }
  for (int back = 0; back <= days_back; ++back) {
    auto day = today;
    day.tm_mday -= back;
    day.tm_hour = static_cast<int>(at.count() / 60);
    day.tm_min = static_cast<int>(at.count() % 60);
    day.tm_sec = 0;
    const auto slot = from_local(day);
    if (slot <= now && is_day_of(times, local(slot).tm_wday)) return slot;
  }
  return std::nullopt;
}

std::string shown_time(WallTime time) {
  constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto at = local(time);
  return fmt::format("{} {} {}, {:02}:{:02}", days[at.tm_wday], at.tm_mday, months[at.tm_mon], at.tm_hour, at.tm_min);
}

}  // namespace mailreeve::gateway
