// SPDX-License-Identifier: Apache-2.0
// [[listener]], [tls], [limits]: what a peer meets.
#include <algorithm>

#include "config/load.h"
#include "net/tls.h"

namespace mailreeve::config {
namespace {

using gateway::ListenerTls;
using gateway::Role;
using std::chrono::hours;
using std::chrono::seconds;

std::vector<net::Endpoint> read_addresses(const Section& section, Problems& problems) {
  std::vector<net::Endpoint> addresses;
  if (!section.has("address")) {
    section.error({}, "address is missing in [[listener]]; write for example address = \"0.0.0.0:25\"");
    return addresses;
  }
  const auto texts = section.texts("address", true);
  for (const auto& text : texts) {
    const auto endpoint = net::Endpoint::parse(text.value);
    if (endpoint) {
      addresses.push_back(*endpoint);
    } else {
      problems.error(text.place, fmt::format("address: {}", endpoint.error().text));
    }
  }
  if (texts.empty()) section.error("address", "address is empty; write for example address = \"0.0.0.0:25\"");
  return addresses;
}

/// Whoever may send a PROXY header may claim to be any address, one of [relay] networks included.
std::vector<IpNetwork> read_proxies(const Section& section, Problems& problems) {
  std::vector<IpNetwork> proxies;
  for (const auto& [network, place] : section.networks("proxy-protocol")) {
    if (judge::open_relay_reason(network)) {
      problems.error(place, fmt::format("proxy-protocol: {} holds strangers, and whoever is trusted here may claim to "
                                        "be any address; name your load balancers alone",
                                        network.text()));
    }
    proxies.push_back(network);
  }
  return proxies;
}

}  // namespace

void read_listeners(const Section& file, Settings& settings) {
  std::vector<net::Endpoint> seen;
  for (const auto& section : file.sections("listener")) {
    gateway::ListenerOptions listener;
    if (!section.has("role")) {
      section.error({}, "role is missing in [[listener]]; write \"mx\", \"submission\" or \"web\"");
    }
    section.choice("role", listener.role, {{"mx", Role::mx}, {"submission", Role::submission}, {"web", Role::web}});
    listener.addresses = read_addresses(section, section.problems());
    for (const auto& address : listener.addresses) {
      if (address.port != 0 && std::ranges::find(seen, address) != seen.end()) {
        section.error("address", fmt::format("{} is listened on twice", address.text()));
      }
      seen.push_back(address);
    }
    if (listener.role == Role::web) {
      read_web_listener(section, file, listener.addresses, settings);
      continue;
    }
    section.choice("tls", listener.tls,
                   {{"off", ListenerTls::off},
                    {"opportunistic", ListenerTls::opportunistic},
                    {"required", ListenerTls::required},
                    {"implicit", ListenerTls::implicit}});
    const bool needs_tls = listener.tls == ListenerTls::required || listener.tls == ListenerTls::implicit;
    if (needs_tls && !file.section("tls").has("certificate")) {
      section.error("tls", "this needs a certificate; write [tls] with certificate and key");
    }
    listener.proxy_from = read_proxies(section, section.problems());
    settings.gateway.listeners.push_back(std::move(listener));
  }
}

void read_tls(const Section& file, Settings& settings, FileChecks checks) {
  const auto section = file.section("tls");
  auto& tls = settings.gateway.tls;
  const auto certificate = section.text("certificate");
  const auto key = section.text("key");
  section.choice<std::string>("minimum", tls.minimum, {{"1.2", "1.2"}, {"1.3", "1.3"}});
  if (section.has("certificate") != section.has("key")) {
    section.error({}, "certificate and key belong together in [tls]; one of them is missing");
  }
  if (!certificate || !key) return;
  tls.certificate = certificate->value;
  tls.key = key->value;
  if (tls.certificate.empty() || tls.key.empty()) {
    section.error({}, "certificate and key in [tls] must name files; leave the section out to run without TLS");
  } else if (checks == FileChecks::full) {
    const auto context = net::TlsContext::server(tls.certificate, tls.key, tls.minimum);
    if (!context) section.error("certificate", context.error().text);
  }
}

void read_limits(const Section& file, Settings& settings) {
  const auto section = file.section("limits");
  auto& limits = settings.gateway.limits;
  section.size("message-size", limits.session.message_size, 64ULL << 10, 2ULL << 30);
  section.number("recipients", limits.session.recipients, 1, 100'000);
  if (limits.session.recipients < 100) {
    section.warning("recipients", "RFC 5321 4.5.3.1.8 wants at least 100 recipients; senders may split their mail");
  }
  section.number("connections", limits.connections, 1, 1'000'000);
  section.number("connections-per-address", limits.connections_per_address, 1, 1'000'000);
  for (const auto& [network, place] : section.networks("unlimited")) limits.unlimited.push_back(network);
  section.number("errors", limits.session.errors, 1, 10'000);
  section.number("idle-commands", limits.session.idle_commands, 1, 1'000'000);
  section.number("transactions", limits.session.transactions, 1, 1'000'000'000);
  section.duration("command-timeout", limits.command_timeout, seconds{1}, hours{1});
  section.duration("data-timeout", limits.data_timeout, seconds{1}, hours{1});
  section.size("memory-body", limits.memory_body, 0, 64ULL << 20);
  section.size("min-free-disk", limits.min_free_disk, 0, 1ULL << 50);
  section.duration("drain", limits.drain, seconds{0}, seconds{9});
}

}  // namespace mailreeve::config
