// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include "base/files.h"
#include "config/known_keys.h"

namespace mailreeve::config {
namespace {

void read_top(const Section& file, Settings& settings) {
  if (const auto name = file.required_text("hostname", "mx1.example.org")) {
    const auto domain = parse_host_name(name->value);
    if (domain) {
      settings.host_name = domain->text();
    } else {
      file.error("hostname", domain.error().text);
    }
  }
  if (const auto directory = file.text("data-dir")) {
    if (directory->value.empty()) file.error("data-dir", "data-dir is empty; write \"/var/lib/mailreeve\"");
    settings.data_dir = directory->value;
  }
  if (const auto contact = file.text("contact")) {
    const auto address = mail::Mailbox::parse(contact->value);
    if (address) {
      settings.contact = address->text();
    } else {
      file.error("contact", fmt::format("contact \"{}\" is no mail address: {}", contact->value, address.error().text));
    }
  }
  if (const auto user = file.text("user")) {
    if (user->value.empty() || user->value.find_first_of(" \t\r\n:/") != std::string::npos) {
      file.error("user", fmt::format("user \"{}\" is no name of a user of this machine", user->value));
    }
    settings.user = user->value;
  }
}

void read_store(const Section& file) {
  const auto store = file.section("store");
  std::string engine;
  store.choice<std::string>("engine", engine, {{"sqlite", "sqlite"}});
}

void read_log(const Section& file, Settings& settings) {
  const auto log = file.section("log");
  log.choice("format", settings.log_format, {{"json", LogFormat::json}, {"text", LogFormat::text}});
  log.choice("level", settings.log_level,
             {{"debug", LogLevel::debug},
              {"info", LogLevel::info},
              {"warning", LogLevel::warning},
              {"error", LogLevel::error}});
}

/// Is there somebody to take mail from, and somebody to take it for?
void check_purpose(const Section& file, const Settings& settings) {
  const auto has_role = [&](gateway::Role role) {
    return std::ranges::any_of(settings.gateway.listeners, [&](const auto& listener) { return listener.role == role; });
  };
  const bool mx = has_role(gateway::Role::mx);
  const bool submission = has_role(gateway::Role::submission);
  const auto& relay = settings.recipients.relay_networks;
  if (!mx && !submission && file.sections("listener").empty()) {
    file.error({},
               "no [[listener]]: nothing could arrive; write [[listener]] with role = \"mx\" and address = "
               "\"0.0.0.0:25\"");
  } else if (!mx && !submission) {
    file.error("listener", "no [[listener]] has role \"mx\" or \"submission\": no mail could arrive");
  }
  if (mx && !file.has("domain")) {
    file.error({},
               "no [[domain]]: a listener of role \"mx\" takes mail for domains of ours only; write [[domain]] with "
               "name, deliver and recipients");
  }
  if (submission && !mx && !file.has("domain") && relay.empty()) {
    file.error({},
               "neither [[domain]] nor [relay] networks: the listener of role \"submission\" would refuse "
               "everybody; write [relay] with networks = [\"10.0.0.0/8\"], the networks of your own machines");
  } else if (submission && relay.empty()) {
    file.warning("listener",
                 "nobody may send to other domains through the listener of role \"submission\": [relay] "
                 "networks is empty, and this version knows no users yet");
  }
}

void fill_derived(Settings& settings) {
  settings.gateway.host_name = settings.host_name;
  settings.delivery.host_name = settings.host_name;
  if (settings.contact.empty()) {
    const auto& domains = settings.recipients.domains;
    settings.contact = "postmaster@" + (domains.empty() ? settings.host_name : domains.front().name.text());
  }
}

}  // namespace

Result<mail::Domain> parse_host_name(std::string_view text) {
  auto domain = mail::Domain::parse(text);
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is no full host name: {}; write for example "
                                                "\"mx1.example.org\"",
                                                text, why));
  };
  if (!domain) return wrong(domain.error().text);
  if (domain->is_literal()) return wrong("it is an address");
  const auto dot = domain->text().rfind('.');
  if (dot == std::string::npos) return wrong("it has no dot");
  const auto last = std::string_view{domain->text()}.substr(dot + 1);
  if (last.find_first_not_of("0123456789") == std::string_view::npos) return wrong("its last part is a number");
  return domain;
}

Loaded load_text(std::string_view text, const std::string&, FileChecks checks) {
  Loaded loaded;
  Problems problems;
  const auto document = parse_toml(text);
  if (!document) {
    problems.error(document.error().place, document.error().text);
    loaded.problems = problems.take();
    return loaded;
  }
  check_keys(*document, problems);
  auto settings = std::make_shared<Settings>();
  settings->data_dir = "/var/lib/mailreeve";
  const Section file{&*document, "", problems};
  read_top(file, *settings);
  read_tls(file, *settings, checks);
  read_listeners(file, *settings);
  read_web(file, *settings);
  read_limits(file, *settings);
  read_relay(file, *settings);
  read_domains(file, *settings, checks);
  read_outbound(file, *settings);
  read_dns(file, *settings);
  read_checks(file, *settings);
  read_policies(file, *settings);
  read_history(file, *settings);
  read_quarantine(file, *settings);
  // What is wrong by its kind was told when it was read.
  Problems remarks;
  check_rules({&*document, "", remarks}, *settings);
  for (auto& remark : remarks.take()) {
    if (remark.severity == Problem::Severity::warning) {
      problems.warning({remark.line, remark.column}, std::move(remark.text));
    }
  }
  read_store(file);
  read_log(file, *settings);
  check_purpose(file, *settings);
  fill_derived(*settings);
  if (!problems.has_error()) loaded.settings = std::move(settings);
  loaded.problems = problems.take();
  return loaded;
}

Loaded load_text(std::string_view text, const std::string& path) { return load_text(text, path, FileChecks::full); }

Loaded load_file(const std::string& path) {
  const auto text = make_system_files()->read_all(path, settings_limit);
  if (text) return load_text(*text, path);
  Loaded loaded;
  loaded.problems.push_back({Problem::Severity::error, 0, 0, text.error().text});
  return loaded;
}

}  // namespace mailreeve::config
