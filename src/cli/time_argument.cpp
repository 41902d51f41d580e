// SPDX-License-Identifier: Apache-2.0
#include "cli/time_argument.h"

#include <fmt/format.h>

#include <ctime>

#include "base/clock.h"
#include "config/values.h"

namespace mailreeve::cli {
namespace {

std::optional<WallTime> parse_time(const std::string& text) {
  if (const auto age = config::parse_duration(text)) return SystemClock{}.now() - *age;
  std::tm parts{};
  for (const auto* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    parts = {};
    const auto* end = ::strptime(text.c_str(), form, &parts);
    if (end != nullptr && (*end == '\0' || (*end == 'Z' && end[1] == '\0'))) {
      return WallTime{std::chrono::seconds{::timegm(&parts)}};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<void> add_times(const Arguments& arguments, net::HttpRequest& request) {
  for (const auto* name : {"--since", "--until"}) {
    const auto value = arguments.value(name);
    if (!value) continue;
    const auto time = parse_time(*value);
    if (!time) {
      return fail(ErrorKind::invalid,
                  fmt::format("{} {}: write \"2h\", \"3d\", or a date like \"2026-11-20T14:00\"", name, *value),
                  Blame::peer);
    }
    request.query[std::string{name}.substr(2)] = fmt::to_string(to_millis(*time));
  }
  return {};
}

}  // namespace mailreeve::cli
