// SPDX-License-Identifier: Apache-2.0
// [quarantine]: what is kept of held and refused mail, and how its recipients are told.
#include <algorithm>

#include "config/load.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint64_t smallest_size = 16ULL << 20;  // octets: less would not hold one message
constexpr std::uint64_t largest_size = 1ULL << 50;

/// "07:30": minutes after midnight.
std::optional<minutes> parse_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  if (two(0) > 23 || two(3) > 59) return std::nullopt;
  return hours{two(0)} + minutes{two(3)};
}

void read_max_size(const Section& section, std::uint64_t& out) {
  section.size("max-size", out, 0, largest_size);
  if (out > 0 && out < smallest_size) {
    section.error("max-size", "max-size must be at least 16MiB, or 0 for no limit");
  }
}

/// A sender that nobody could answer, or that looks forged to our own people, would make digests useless.
void read_sender(const Section& section, const Settings& settings, std::string& out) {
  const auto given = section.text("digest-from");
  if (!given) return;
  const auto address = mail::Mailbox::parse(given->value);
  if (!address) {
    section.error("digest-from",
                  fmt::format("digest-from \"{}\" is no mail address: {}", given->value, address.error().text));
    return;
  }
  out = address->text();
  const auto& name = address->domain();
  const auto ours = [&](const judge::DomainOptions& domain) {
    return domain.name == name || std::ranges::find(domain.aliases, name) != domain.aliases.end();
  };
  if (name.text() != settings.host_name && std::ranges::none_of(settings.recipients.domains, ours)) {
    section.warning("digest-from", fmt::format("digest-from: {} is in no [[domain]] of this file, so digests may look "
                                               "forged; write an address of yours that somebody reads",
                                               out));
  }
}

}  // namespace

void read_quarantine(const Section& file, Settings& settings) {
  const auto section = file.section("quarantine");
  auto& options = settings.gateway.quarantine;
  section.duration("keep", options.keep, hours{1}, hours{24 * 3650});
  read_max_size(section, options.max_size);
  if (const auto at = section.text("digest-at")) {
    const auto time = parse_time_of_day(at->value);
    if (time) {
      options.digest_at = *time;
    } else {
      section.error("digest-at", fmt::format("digest-at \"{}\" is no time of day; write \"07:00\"", at->value));
    }
  }
  read_sender(section, settings, options.digest_from);
  if (section.has("ask-only")) {
    options.ask_only.clear();
    for (const auto& code : section.texts("ask-only")) options.ask_only.push_back(code.value);
  }
}

std::string show_quarantine(const gateway::QuarantineOptions& options) {
  std::vector<std::string> codes;
  for (const auto& code : options.ask_only) codes.push_back(quote(code));
  auto out = fmt::format("\n[quarantine]\nkeep = {}\nmax-size = {}\ndigest-at = \"{:02}:{:02}\"\n",
                         quote(format_duration(options.keep)), quote(format_size(options.max_size)),
                         options.digest_at.count() / 60, options.digest_at.count() % 60);
  if (!options.digest_from.empty()) out += fmt::format("digest-from = {}\n", quote(options.digest_from));
  return out + fmt::format("ask-only = [{}]\n", fmt::join(codes, ", "));
}

}  // namespace mailreeve::config
