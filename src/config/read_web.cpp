// SPDX-License-Identifier: Apache-2.0
// [[listener]] of role "web", and [web].
#include <algorithm>
#include <charconv>

#include "config/load.h"

namespace mailreeve::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

bool is_loopback_host(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  return address && address->is_loopback();
}

/// "https://host" or "https://host:port", lower case, without what may follow; else what is wrong.
Result<std::string> parse_base(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::invalid,
                fmt::format("url \"{}\": {}; write for example \"https://mx1.example.org\"", text, why));
  };
  std::string base{text};
  std::ranges::transform(base, base.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (base.ends_with('/')) base.pop_back();
  const auto scheme = base.find("://");
  if (scheme == std::string::npos || (!base.starts_with("https://") && !base.starts_with("http://"))) {
    return wrong("it must begin with https:// or http://");
  }
  auto host = std::string_view{base}.substr(scheme + 3);
  if (host.find_first_of("/?#@") != std::string_view::npos) return wrong("only a host and a port may stand in it");
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && !host.ends_with(']')) {
    const auto digits = host.substr(colon + 1);
    unsigned port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535) {
      return wrong("after the colon belongs a port");
    }
    host = host.substr(0, colon);
  }
  if (!is_loopback_host(host) && !mail::Domain::parse(host)) return wrong("there is no host name in it");
  return base;
}

std::string with_port(std::string_view scheme, std::string_view host, std::uint16_t port, std::uint16_t usual) {
  return port == usual ? fmt::format("{}://{}", scheme, host) : fmt::format("{}://{}:{}", scheme, host, port);
}

/// What people must type when nobody said how they reach us.
std::string default_url(const Settings& settings) {
  const auto& web = settings.web;
  if (!web.tls_addresses.empty()) {
    return with_port("https", settings.host_name, web.tls_addresses.front().port, 443);
  }
  if (web.addresses.empty()) return {};
  const auto& at = web.addresses.front();
  const auto host = at.address.is_v4() ? at.address.text() : fmt::format("[{}]", at.address.text());
  const bool is_any = at.address.text() == "0.0.0.0" || at.address.text() == "::";
  return with_port("http", is_any ? settings.host_name : host, at.port, 80);
}

}  // namespace

void read_web_listener(const Section& section, const Section& file, const std::vector<net::Endpoint>& addresses,
                       Settings& settings) {
  if (section.has("proxy-protocol")) {
    section.error("proxy-protocol",
                  "proxy-protocol does not work on a listener of role \"web\"; name your web server in "
                  "trusted-proxies of [web] instead");
  }
  bool with_tls = false;
  section.choice("tls", with_tls, {{"off", false}, {"implicit", true}});
  if (with_tls && !file.section("tls").has("certificate")) {
    section.error("tls", "this needs a certificate; write [tls] with certificate and key");
  }
  const auto outside = std::ranges::find_if(addresses, [](const auto& a) { return !a.address.is_loopback(); });
  if (outside != addresses.end() && !with_tls) {
    section.warning("address", fmt::format("{} can be reached from other machines without TLS: passwords would cross "
                                           "the network readable; write tls = \"implicit\", or listen on 127.0.0.1 "
                                           "with a web server in front",
                                           outside->text()));
  }
  auto& all = with_tls ? settings.web.tls_addresses : settings.web.addresses;
  all.insert(all.end(), addresses.begin(), addresses.end());
}

void read_web(const Section& file, Settings& settings) {
  const auto section = file.section("web");
  auto& web = settings.web;
  if (const auto url = section.text("url")) {
    auto base = parse_base(url->value);
    if (base) {
      web.url = std::move(*base);
      const auto host = std::string_view{web.url}.substr(web.url.find("://") + 3);
      if (web.url.starts_with("http://") && !is_loopback_host(host.substr(0, host.rfind(':')))) {
        section.warning("url", fmt::format("links in mails would lead to {} without TLS", web.url));
      }
    } else {
      section.error("url", base.error().text);
    }
  }
  for (const auto& [network, place] : section.networks("trusted-proxies")) {
    if (judge::open_relay_reason(network)) {
      section.problems().error(place, fmt::format("trusted-proxies: {} holds strangers, and whoever is trusted here "
                                                  "may claim to be any address; name your web server alone",
                                                  network.text()));
    }
    web.trusted_proxies.push_back(network);
  }
  section.duration("session-idle", web.session_idle, minutes{1}, hours{24});
  section.duration("session-max", web.session_max, minutes{1}, hours{24 * 30});
  section.duration("audit-keep", web.audit_keep, hours{24}, hours{24 * 3650});
  if (web.session_idle > web.session_max) {
    section.error("session-idle", "session-idle is longer than session-max: sessions would end before");
  }
  const bool behind_another = web.url.starts_with("https://") && web.tls_addresses.empty() && !web.addresses.empty();
  if (behind_another && web.trusted_proxies.empty()) {
    section.warning("url",
                    "the TLS of this address is another web server's, which trusted-proxies does not name: everybody "
                    "seems to come from it, and one person's wrong passwords slow down all; write for example "
                    "trusted-proxies = [\"127.0.0.1\"]");
  }
  if (web.url.empty()) web.url = default_url(settings);
}

std::string show_web(const Settings& settings) {
  const auto& web = settings.web;
  std::string out = "\n[web]\n";
  const auto line = [&out](std::string_view key, const std::string& value) {
    out += fmt::format("{} = {}\n", key, value);
  };
  if (!web.url.empty()) line("url", quote(web.url));
  std::string proxies;
  for (const auto& network : web.trusted_proxies) {
    proxies += (proxies.empty() ? "" : ", ") + quote(network.text());
  }
  line("trusted-proxies", '[' + proxies + ']');
  line("session-idle", quote(format_duration(web.session_idle)));
  line("session-max", quote(format_duration(web.session_max)));
  line("audit-keep", quote(format_duration(web.audit_keep)));
  return out;
}

}  // namespace mailreeve::config
