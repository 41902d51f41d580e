// SPDX-License-Identifier: Apache-2.0
// [[domain]], [recipients.NAME], [relay]: whom we serve.
#include <algorithm>

#include "config/load.h"
#include "config/read_recipients.h"

namespace mailreeve::config {
namespace {

struct Source {
  std::shared_ptr<const judge::Directory> directory;  // null: there was a mistake, or files are not looked at
  bool is_used = false;
};
using Sources = std::map<std::string, Source>;

Sources read_sources(const Section& file, Settings& settings, FileChecks checks) {
  Sources sources;
  for (const auto& [name, section] : file.section("recipients").named_sections()) {
    sources[name].directory = read_recipient_source(name, section, settings, checks);
  }
  return sources;
}

class DomainReader {
 public:
  DomainReader(Settings& settings, Sources& sources) : settings_{settings}, sources_{sources} {}

  void read(const Section& section) {
    judge::DomainOptions domain;
    const auto name = read_name(section, domain);
    read_aliases(section, domain);
    delivery::Route route;
    read_route(section, route);
    const auto who = read_recipients(section, domain);
    if (!name) return;
    settings_.domain_recipients[domain.name.text()] = who;
    lend_server(section, who, domain.name.text(), route.target);
    settings_.routes[domain.name.text()] = std::move(route);
    settings_.recipients.domains.push_back(std::move(domain));
  }

 private:
  bool read_name(const Section& section, judge::DomainOptions& domain) {
    const auto name = section.required_text("name", "example.org");
    if (!name) return false;
    return parse_name(section, "name", *name, domain.name);
  }

  bool parse_name(const Section& section, std::string_view key, const Text& text, mail::Domain& out) {
    auto name = mail::Domain::parse(text.value);
    if (!name) {
      section.problems().error(text.place, fmt::format("{}: {}", key, name.error().text));
      return false;
    }
    if (name->is_literal()) {
      section.problems().error(text.place, fmt::format("{}: {} is an address, not a domain", key, text.value));
      return false;
    }
    const auto [first, is_new] = seen_.emplace(name->text(), text.place.line);
    if (!is_new) {
      section.problems().error(text.place, fmt::format("{}: {} is already served, see line {}; one domain has one home",
                                                       key, name->text(), first->second));
      return false;
    }
    out = std::move(*name);
    return true;
  }

  void read_aliases(const Section& section, judge::DomainOptions& domain) {
    for (const auto& text : section.texts("aliases")) {
      mail::Domain alias;
      if (parse_name(section, "aliases", text, alias)) domain.aliases.push_back(std::move(alias));
    }
  }

  void read_route(const Section& section, delivery::Route& route) {
    using delivery::Handover;
    section.choice("handover", route.handover,
                   {{"before-accept", Handover::before_accept}, {"queue", Handover::queue}});
    const auto deliver = section.required_text("deliver", "smtp://10.0.0.25:25");
    if (!deliver) return;
    auto target = delivery::Target::parse(deliver->value);
    if (!target) {
      section.error("deliver", target.error().text);
      return;
    }
    if (leads_back(*target)) {
      section.error("deliver",
                    fmt::format("{} is a listener of this gateway: mail would go round in a circle", deliver->value));
    }
    route.target = std::move(*target);
  }

  bool leads_back(const delivery::Target& target) const {
    using Kind = delivery::Target::Kind;
    if (target.kind == Kind::lmtp_unix || target.kind == Kind::maildir) return false;
    const auto address = IpAddress::parse(target.host);
    const bool local = target.host == "localhost" || (address && address->is_loopback());
    for (const auto& listener : settings_.gateway.listeners) {
      for (const auto& endpoint : listener.addresses) {
        if (endpoint.port != target.port) continue;
        const bool everywhere = endpoint.address.text() == "0.0.0.0" || endpoint.address.text() == "::";
        if ((address && endpoint.address == *address) || (local && everywhere)) return true;
      }
    }
    return false;
  }

  /// A call-ahead without a url of its own asks where the domain delivers to.
  void lend_server(const Section& section, const std::string& who, const std::string& domain,
                   const delivery::Target& target) {
    const auto source = settings_.recipient_sources.find(who);
    if (source == settings_.recipient_sources.end() || !source->second.callahead) return;
    if (!source->second.callahead_url.empty()) return;
    if (target.kind != delivery::Target::Kind::smtp || !IpAddress::parse(target.host)) {
      section.error("recipients",
                    fmt::format("\"{}\" asks the server that deliver names, which must then be an address: "
                                "deliver = \"smtp://10.0.0.25:25\"; or give [recipients.{}] a url",
                                who, who));
      return;
    }
    source->second.callahead->ask_at(domain, target.host, target.port);
  }

  std::string read_recipients(const Section& section, judge::DomainOptions& domain) {
    bool accept_any = false;
    section.boolean("accept-any", accept_any);
    if (!section.has("recipients")) {
      section.error({},
                    "recipients is missing in [[domain]]: without knowing who exists, mail for nobody would be "
                    "accepted; write the name of a [recipients.NAME]");
      return {};
    }
    const auto who = section.text("recipients");
    if (!who) return {};
    if (who->value == "any") {
      if (!accept_any) {
        section.error("recipients",
                      "\"any\" accepts mail for people who do not exist: it fills the queue and turns "
                      "into bounces to strangers. Name a [recipients.NAME], or add accept-any = true if "
                      "every address of this domain really has a reader");
      }
      domain.recipients = judge::make_any_directory();
      return who->value;
    }
    if (accept_any) {
      section.error("accept-any", fmt::format("accept-any contradicts recipients = \"{}\"; write recipients = \"any\", "
                                              "or leave accept-any out",
                                              who->value));
    }
    const auto source = sources_.find(who->value);
    if (source == sources_.end()) {
      section.error("recipients", no_such_source(who->value));
      return who->value;
    }
    source->second.is_used = true;
    domain.recipients = source->second.directory;
    return who->value;
  }

  std::string no_such_source(const std::string& name) const {
    std::vector<std::string_view> names;
    for (const auto& [known, source] : sources_) names.push_back(known);
    const auto meant = nearest(name, names);
    if (meant) return fmt::format("there is no [recipients.{}]; did you mean \"{}\"?", name, *meant);
    return fmt::format("there is no [recipients.{}]; write one, with kind = \"file\" and file = \"...\"", name);
  }

  Settings& settings_;
  Sources& sources_;
  std::map<std::string, unsigned> seen_;  // names and aliases -> line
};

}  // namespace

void read_domains(const Section& file, Settings& settings, FileChecks checks) {
  auto sources = read_sources(file, settings, checks);
  DomainReader reader{settings, sources};
  for (const auto& section : file.sections("domain")) reader.read(section);
  for (const auto& [name, section] : file.section("recipients").named_sections()) {
    if (!sources[name].is_used) section.warning({}, fmt::format("no domain uses [recipients.{}]", name));
  }
}

void read_relay(const Section& file, Settings& settings) {
  const auto section = file.section("relay");
  for (const auto& [network, place] : section.networks("networks")) {
    if (const auto reason = judge::open_relay_reason(network)) {
      section.problems().error(place, fmt::format("networks: {}", *reason));
    }
    settings.recipients.relay_networks.push_back(network);
  }
}

}  // namespace mailreeve::config
