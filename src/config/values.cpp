// SPDX-License-Identifier: Apache-2.0
#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace mailreeve::config {
namespace {

using std::chrono::seconds;

constexpr std::int64_t longest_duration = 10LL * 365 * 24 * 3600;  // seconds
constexpr std::uint64_t largest_size = 1ULL << 53;                 // octets

struct TimeUnit {
  char letter;
  std::int64_t length;  // seconds
};
constexpr TimeUnit time_units[] = {{'w', 604'800}, {'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}};

struct SizeUnit {
  std::string_view name;
  std::uint64_t octets;
};
constexpr SizeUnit size_units[] = {{"TiB", 1ULL << 40},
                                   {"GiB", 1ULL << 30},
                                   {"MiB", 1ULL << 20},
                                   {"KiB", 1ULL << 10},
                                   {"TB", 1'000'000'000'000},
                                   {"GB", 1'000'000'000},
                                   {"MB", 1'000'000},
                                   {"kB", 1'000},
                                   {"B", 1},
                                   {"", 1}};

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::unexpected<Error> no_duration(std::string_view text) {
  return fail(
      ErrorKind::invalid,
      fmt::format("\"{}\" is no duration of whole seconds; write for example \"30s\", \"5m\", \"1h\" or \"5d\"", text));
}

/// Insertions, deletions, replacements and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

Result<seconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::string_view rest = text;
  if (rest.empty()) return no_duration(text);
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (read.ec != std::errc{} || count < 0 || read.ptr == rest.data() + rest.size()) return no_duration(text);
    const auto* unit = std::ranges::find(time_units, *read.ptr, &TimeUnit::letter);
    if (unit == std::end(time_units)) return no_duration(text);
    if (count > longest_duration / unit->length || total + count * unit->length > longest_duration) {
      return fail(ErrorKind::invalid, fmt::format("\"{}\" is longer than ten years", text));
    }
    total += count * unit->length;
    rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()) + 1);
  }
  return seconds{total};
}

Result<std::pair<unsigned, std::chrono::seconds>> parse_rate(std::string_view text, std::string_view per) {
  const auto wrong = [&] {
    const auto example = per.empty() ? std::string{"200/h"} : fmt::format("200/h per {}", per);
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is no rate; write for example \"{}\", or \"0\" for no limit", text, example));
  };
  if (text == "0") return std::pair{0U, seconds{3600}};
  auto rest = text;
  const auto suffix = fmt::format(" per {}", per);
  if (!per.empty() && rest.ends_with(suffix)) rest.remove_suffix(suffix.size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return wrong();
  unsigned count = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + slash, count);
  if (parsed.ec != std::errc{} || parsed.ptr != rest.data() + slash || count == 0) return wrong();
  auto unit = std::string{rest.substr(slash + 1)};
  if (!unit.empty() && (unit.front() < '0' || unit.front() > '9')) unit.insert(0, 1, '1');
  const auto window = parse_duration(unit);
  if (!window || *window <= seconds{0}) return wrong();
  return std::pair{count, *window};
}

std::string format_duration(seconds time) {
  for (const auto& unit : time_units) {
    const bool fits = time.count() != 0 && time.count() % unit.length == 0;
    if (fits && unit.letter != 'w') return fmt::format("{}{}", time.count() / unit.length, unit.letter);
  }
  return fmt::format("{}s", time.count());
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  auto name = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  while (name.starts_with(' ')) name.remove_prefix(1);
  const auto* unit = std::ranges::find_if(size_units, [&](const auto& u) { return lower(u.name) == lower(name); });
  if (read.ec != std::errc{} || unit == std::end(size_units)) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is no size; write for example \"50MiB\", \"10MB\" or \"4096\"", text));
  }
  if (count > largest_size / unit->octets) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is larger than any size here may be", text));
  }
  return count * unit->octets;
}

std::string format_size(std::uint64_t octets) {
  for (const auto& unit : size_units) {
    const bool binary = unit.name.size() == 3;
    if (binary && octets != 0 && octets % unit.octets == 0) return fmt::format("{}{}", octets / unit.octets, unit.name);
  }
  return fmt::format("{}", octets);
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 64;  // nobody mistypes more; keeps the table small
  if (text.size() > longest) return std::nullopt;
  auto typed = lower(text);
  std::ranges::replace(typed, '_', '-');
  std::optional<std::string_view> best;
  std::size_t least = std::max<std::size_t>(1, std::min<std::size_t>(3, text.size() / 3)) + 1;
  for (const auto candidate : candidates) {
    const auto distance = edit_distance(typed, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace mailreeve::config
