// SPDX-License-Identifier: Apache-2.0
// [outbound] and [dns]: how mail leaves us.
#include "config/load.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds longest_queue = hours{24 * 30};
constexpr std::size_t most_waits = 100;
constexpr std::size_t most_servers = 16;
constexpr std::uint16_t dns_port = 53;

void read_retry(const Section& section, delivery::Options& options) {
  if (!section.has("retry")) return;
  std::vector<seconds> waits;
  const auto texts = section.texts("retry");
  for (const auto& text : texts) {
    const auto wait = section.parse_duration_in(text, "retry", seconds{1}, hours{24});
    if (wait) waits.push_back(*wait);
  }
  if (texts.empty() || texts.size() > most_waits) {
    section.error("retry", fmt::format("retry must hold 1 to {} waits; the last one repeats", most_waits));
  }
  if (!waits.empty()) options.retry = std::move(waits);
}

std::optional<net::Endpoint> parse_server(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) return net::Endpoint{*address, dns_port};
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint || endpoint->port == 0) return std::nullopt;
  return *endpoint;
}

void read_servers(const Section& section, dns::Options& options) {
  const auto texts = section.texts("resolver");
  for (const auto& text : texts) {
    const auto server = parse_server(text.value);
    if (server) {
      options.servers.push_back(*server);
    } else {
      section.problems().error(
          text.place, fmt::format("resolver: \"{}\" is no address and port; write \"127.0.0.1:53\"", text.value));
    }
  }
  if (texts.empty() || texts.size() > most_servers) {
    section.error("resolver", fmt::format("resolver must be \"system\", \"recursive\" or a list of 1 to {} addresses",
                                          most_servers));
  }
  options.source = dns::Options::Source::servers;
}

}  // namespace

void read_outbound(const Section& file, Settings& settings) {
  const auto section = file.section("outbound");
  auto& options = settings.delivery;
  read_retry(section, options);
  section.duration("give-up", options.give_up, seconds{1}, longest_queue);
  section.duration("warn-after", options.warn_after, seconds{1}, longest_queue);
  section.duration("connect-timeout", options.connect_timeout, seconds{1}, minutes{5});
  section.duration("idle-connection", options.idle_connection, seconds{0}, minutes{5});
  // The sender waits ten minutes for the reply to its end of data (RFC 5321 4.5.3.2.6); ours must come well before.
  section.duration("handover-patience", options.handover_patience, seconds{1}, minutes{5});
  const auto destination = section.section("per-destination");
  destination.number("connections", options.connections, 1, 10'000);
  destination.number("messages-per-connection", options.messages_per_connection, 1, 1'000'000);
}

void read_dns(const Section& file, Settings& settings) {
  using Source = dns::Options::Source;
  const auto section = file.section("dns");
  section.duration("timeout", settings.dns.timeout, seconds{1}, minutes{1});
  if (const auto zone = section.text("zone-file")) settings.dns.zone_file = zone->value;
  if (const auto anchor = section.text("trust-anchor")) settings.dns.trust_anchor = anchor->value;
  if (!settings.dns.zone_file.empty() && section.has("resolver")) {
    section.warning("resolver", "zone-file is set: answers come from it alone, and resolver is not asked");
  }
  if (!section.has("resolver")) return;
  if (section.is_list("resolver")) {
    read_servers(section, settings.dns);
  } else {
    section.choice("resolver", settings.dns.source, {{"system", Source::system}, {"recursive", Source::recursive}});
  }
}

}  // namespace mailreeve::config
