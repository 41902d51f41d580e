// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/load.h"
#include "config/values.h"

namespace mailreeve::config {
namespace {

template <class List, class Text>
std::string list(const List& values, Text text) {
  std::string out = "[";
  for (const auto& value : values) {
    if (out.size() > 1) out += ", ";
    out += quote(text(value));
  }
  return out + ']';
}

std::string text_of_network(const IpNetwork& network) { return network.text(); }
std::string text_of_endpoint(const net::Endpoint& endpoint) { return endpoint.text(); }
std::string text_of_domain(const mail::Domain& domain) { return domain.text(); }

constexpr std::string_view tls_words[] = {"off", "opportunistic", "required", "implicit"};
constexpr std::string_view level_words[] = {"debug", "info", "warning", "error"};

}  // namespace

std::string show(const Settings& settings) {
  std::string out;
  const auto line = [&out](std::string_view key, const std::string& value) {
    out += fmt::format("{} = {}\n", key, value);
  };
  const auto section = [&out](std::string_view name) { out += fmt::format("\n{}\n", name); };
  line("hostname", quote(settings.host_name));
  line("data-dir", quote(settings.data_dir));
  line("contact", quote(settings.contact));
  if (!settings.user.empty()) line("user", quote(settings.user));
  for (const auto& listener : settings.gateway.listeners) {
    section("[[listener]]");
    line("role", quote(listener.role == gateway::Role::mx ? "mx" : "submission"));
    line("address", list(listener.addresses, text_of_endpoint));
    line("tls", quote(tls_words[static_cast<std::size_t>(listener.tls)]));
    line("proxy-protocol", list(listener.proxy_from, text_of_network));
  }
  if (!settings.web.addresses.empty()) {
    section("[[listener]]");
    line("role", quote("web"));
    line("address", list(settings.web.addresses, text_of_endpoint));
  }
  if (!settings.web.tls_addresses.empty()) {
    section("[[listener]]");
    line("role", quote("web"));
    line("address", list(settings.web.tls_addresses, text_of_endpoint));
    line("tls", quote("implicit"));
  }
  out += show_web(settings);
  if (!settings.gateway.tls.certificate.empty()) {
    section("[tls]");
    line("certificate", quote(settings.gateway.tls.certificate));
    line("key", quote(settings.gateway.tls.key));
    line("minimum", quote(settings.gateway.tls.minimum));
  }
  for (const auto& [name, source] : settings.recipient_sources) {
    section(fmt::format("[recipients.{}]", quote(name)));
    line("kind", quote(source.kind));
    if (source.kind == "file") {
      line("file", quote(source.file));
      continue;
    }
    if (source.kind == "ldap") {
      line("url", quote(source.ldap.url));
      line("base", quote(source.ldap.base));
      line("filter", quote(source.ldap.filter));
      if (!source.ldap.bind_dn.empty()) line("bind-dn", quote(source.ldap.bind_dn));
      if (!source.bind_password_file.empty()) line("bind-password-file", quote(source.bind_password_file));
      line("start-tls", source.ldap.start_tls ? "true" : "false");
      if (!source.ldap.ca_file.empty()) line("ca-file", quote(source.ldap.ca_file));
      line("timeout", quote(format_duration(source.ldap.timeout)));
    } else if (source.kind == "sql") {
      line("url", quote(source.sql.url));
      line("query", quote(source.sql.query));
    } else if (!source.callahead_url.empty()) {
      line("url", quote(source.callahead_url));
    }
    line("cache", fmt::format("{{ found = {}, missing = {} }}", quote(format_duration(source.cache.found)),
                              quote(format_duration(source.cache.missing))));
    line("when-down", quote(source.cache.accept_cached ? "accept-cached" : "defer"));
  }
  for (const auto& domain : settings.recipients.domains) {
    const auto& name = domain.name.text();
    const auto& route = settings.routes.at(name);
    const auto& who = settings.domain_recipients.at(name);
    section("[[domain]]");
    line("name", quote(name));
    line("aliases", list(domain.aliases, text_of_domain));
    line("deliver", quote(route.target.text()));
    line("recipients", quote(who));
    if (who == "any") line("accept-any", "true");
    const auto policy = settings.domain_policies.find(name);
    if (policy != settings.domain_policies.end()) out += show_domain_policy(*policy->second);
    const auto choices = settings.domain_choices.find(name);
    line("may-choose", list(choices == settings.domain_choices.end() ? std::vector<std::string>{} : choices->second,
                            std::identity{}));
    line("handover", quote(route.handover == delivery::Handover::queue ? "queue" : "before-accept"));
  }
  section("[relay]");
  line("networks", list(settings.recipients.relay_networks, text_of_network));
  const auto& delivery = settings.delivery;
  section("[outbound]");
  line("retry", list(delivery.retry, format_duration));
  line("give-up", quote(format_duration(delivery.give_up)));
  line("warn-after", quote(format_duration(delivery.warn_after)));
  line("connect-timeout", quote(format_duration(delivery.connect_timeout)));
  line("idle-connection", quote(format_duration(delivery.idle_connection)));
  line("handover-patience", quote(format_duration(delivery.handover_patience)));
  line("per-destination", fmt::format("{{ connections = {}, messages-per-connection = {} }}", delivery.connections,
                                      delivery.messages_per_connection));
  section("[dns]");
  if (settings.dns.source == dns::Options::Source::servers) {
    line("resolver", list(settings.dns.servers, text_of_endpoint));
  } else {
    line("resolver", quote(settings.dns.source == dns::Options::Source::system ? "system" : "recursive"));
  }
  line("timeout", quote(format_duration(settings.dns.timeout)));
  if (!settings.dns.zone_file.empty()) line("zone-file", quote(settings.dns.zone_file));
  if (!settings.dns.trust_anchor.empty()) line("trust-anchor", quote(settings.dns.trust_anchor));
  const auto& limits = settings.gateway.limits;
  section("[limits]");
  line("message-size", quote(format_size(limits.session.message_size)));
  line("recipients", fmt::to_string(limits.session.recipients));
  line("errors", fmt::to_string(limits.session.errors));
  line("idle-commands", fmt::to_string(limits.session.idle_commands));
  line("transactions", fmt::to_string(limits.session.transactions));
  line("connections", fmt::to_string(limits.connections));
  line("connections-per-address", fmt::to_string(limits.connections_per_address));
  line("unlimited", list(limits.unlimited, text_of_network));
  line("memory-body", quote(format_size(limits.memory_body)));
  line("min-free-disk", quote(format_size(limits.min_free_disk)));
  line("command-timeout", quote(format_duration(limits.command_timeout)));
  line("data-timeout", quote(format_duration(limits.data_timeout)));
  line("drain", quote(format_duration(limits.drain)));
  out += show_checks(settings);
  out += show_quarantine(settings.gateway.quarantine);
  section("[store]");
  line("engine", quote("sqlite"));
  section("[log]");
  line("format", quote(settings.log_format == LogFormat::json ? "json" : "text"));
  line("level", quote(level_words[static_cast<std::size_t>(settings.log_level)]));
  return out;
}

}  // namespace mailreeve::config
