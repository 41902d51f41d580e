// SPDX-License-Identifier: Apache-2.0
// The small notations of the settings file: "5m", "50MiB"; and guessing what was meant.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace mailreeve::config {

/// "30s", "5m", "1h30m", "5d", "2w": whole seconds, at most ten years.
Result<std::chrono::seconds> parse_duration(std::string_view text);
/// The shortest single unit that is exact: 7200 s -> "2h", 90 s -> "90s".
std::string format_duration(std::chrono::seconds time);

/// "200/h", "10/30m", "10/h per domain" where `per` is "domain": how many in how long. "0" is no limit.
Result<std::pair<unsigned, std::chrono::seconds>> parse_rate(std::string_view text, std::string_view per);

/// Octets: "4096", "50MiB" (1024 based), "10MB" (1000 based); KiB, MiB, GiB, TiB, kB, MB, GB, TB, B. Up to 2^53.
Result<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t octets);

/// A TOML basic string, quoted and escaped.
std::string quote(std::string_view text);

/// The candidate that differs from `text` by the fewest keystrokes, if it is near enough to have been meant.
std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace mailreeve::config
