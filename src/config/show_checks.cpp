// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/load.h"
#include "config/values.h"
#include "judge/checks/all.h"

namespace mailreeve::config {
namespace {

using Of = judge::ListZone::Of;

std::string quoted_list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const auto& value : values) {
    if (out.size() > 1) out += ", ";
    out += quote(value);
  }
  return out + ']';
}

std::string rate(unsigned count, std::chrono::seconds window) {
  return count == 0 ? quote("0") : quote(fmt::format("{}/{}", count, format_duration(window)));
}

std::string_view word(Of of) {
  switch (of) {
    case Of::mail_from:
      return "mail-from";
    case Of::header_from:
      return "header-from";
    case Of::helo:
      return "helo";
    case Of::urls:
      return "urls";
  }
  return "urls";
}

/// TOML tells 5 from 5.0 and both are read alike; a point makes it plain that fractions are allowed.
std::string decimal(double value) {
  auto text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string zones(const std::vector<judge::ListZone>& lists) {
  std::string out = "[";
  for (const auto& zone : lists) {
    if (out.size() > 1) out += ',';
    out += fmt::format("\n  {{ zone = {}, finding = {}, weight = {}", quote(zone.zone), quote(zone.finding),
                       decimal(zone.weight));
    if (!zone.of.empty()) {
      std::vector<std::string> of;
      for (const auto one : zone.of) of.emplace_back(word(one));
      out += fmt::format(", of = {}", quoted_list(of));
    }
    if (!zone.codes.empty()) {
      out += ", codes = [";
      for (std::size_t i = 0; i < zone.codes.size(); ++i) {
        const auto& code = zone.codes[i];
        if (i > 0) out += ", ";
        out += fmt::format("{{ answer = {}, weight = {}", quote(code.answers.text()), decimal(code.weight));
        if (!code.finding.empty()) out += fmt::format(", finding = {}", quote(code.finding));
        out += " }";
      }
      out += ']';
    }
    out += " }";
  }
  return out + (lists.empty() ? "]" : "\n]");
}

std::string entries(const std::vector<judge::ListEntry>& list) {
  std::vector<std::string> texts;
  for (const auto& entry : list) texts.push_back(entry.text);
  return quoted_list(texts);
}

void show_keyword(std::string& out, const judge::KeywordRule& rule) {
  constexpr std::string_view places[] = {"subject", "body", "headers", "names", "urls"};
  std::vector<std::string> in;
  for (const auto place : rule.in) in.emplace_back(places[static_cast<std::size_t>(place)]);
  out += fmt::format("\n[[checks.keyword.rule]]\nname = {}\nin = {}\nmatch = {}\nweight = {}\n", quote(rule.name),
                     quoted_list(in), quote(rule.pattern), decimal(rule.weight));
}

void show_spam_engine(std::string& out, const judge::SpamEngineOptions& engine) {
  if (!engine.text.empty()) out += fmt::format("server = {}\n", quote(engine.text));
  if (!engine.password.empty()) out += "password = \"(not-shown)\"\n";
  if (!engine.user.empty()) out += fmt::format("user = {}\n", quote(engine.user));
  out += fmt::format("time-limit = {}\nweight = {}\nmost-bytes = {}\n",
                     quote(format_duration(std::chrono::duration_cast<std::chrono::seconds>(engine.time_limit))),
                     decimal(engine.weight), quote(format_size(engine.most_bytes)));
}

void show_weights(std::string& out, std::string_view section, const judge::Policy& policy) {
  if (policy.weights.empty()) return;
  out += fmt::format("\n[{}]\n", section);
  for (const auto& [code, weight] : policy.weights) out += fmt::format("{} = {}\n", quote(code), decimal(weight));
}

void show_policy(std::string& out, const std::string& name, const judge::Policy& policy) {
  const auto section = fmt::format("policy.{}", quote(name));
  out += fmt::format("\n[{}]\n", section);
  const auto threshold = [&out](std::string_view key, const std::optional<double>& score) {
    out += fmt::format("{} = {}\n", key, score ? decimal(*score) : quote("never"));
  };
  threshold("tag", policy.tag);
  threshold("greylist", policy.greylist);
  threshold("quarantine", policy.quarantine);
  threshold("reject", policy.reject);
  out += fmt::format("subject-prefix = {}\n", quote(policy.subject_prefix));
  out += fmt::format("label = {}\ndigest = {}\nkeep-refused = {}\n", quote(policy.label),
                     quote(store::name(policy.digest)), policy.keep_refused);
  if (policy.keep_refused) out += fmt::format("not-kept = {}\n", quoted_list(policy.not_kept));
  if (!policy.actions.empty()) {
    out += fmt::format("\n[{}.action]\n", section);
    for (const auto& [code, action] : policy.actions) {
      out += fmt::format("{} = {}\n", quote(code), quote(judge::name(action)));
    }
  }
  show_weights(out, section + ".weight", policy);
  if (policy.lists) {
    out += fmt::format("\n[{}.lists]\nblock = {}\nallow = {}\n", section, entries(policy.lists->block),
                       entries(policy.lists->allow));
  }
}

}  // namespace

std::string show_domain_policy(const judge::Policy& policy) {
  std::string out = fmt::format("policy = {}\n", quote(policy.name));
  if (policy.weights.empty()) return out;
  out += "weight = { ";
  bool first = true;
  for (const auto& [code, weight] : policy.weights) {
    if (!first) out += ", ";
    first = false;
    out += fmt::format("{} = {}", quote(code), decimal(weight));
  }
  return out + " }\n";
}

std::string show_checks(const Settings& settings) {
  const auto& checks = settings.checks;
  std::string out;
  const auto line = [&out](std::string_view key, const std::string& value) {
    out += fmt::format("{} = {}\n", key, value);
  };
  for (const auto* info : judge::all_checks()) {
    const bool on = info->on_by_default ? !checks.disabled.contains(info->name) : checks.enabled.contains(info->name);
    out += fmt::format("\n[checks.{}]\n", info->name);
    line("enabled", on ? "true" : "false");
    if (info->name == "dnsbl") {
      line("recheck", quote(format_duration(checks.dnsbl.recheck)));
      line("lists", zones(checks.dnsbl.lists));
    } else if (info->name == "rhsbl") {
      line("lists", zones(checks.rhsbl.lists));
    } else if (info->name == "pregreet") {
      line("delay", quote(format_duration(std::chrono::duration_cast<std::chrono::seconds>(checks.pregreet.delay))));
    } else if (info->name == "recipients") {
      line("maximum", fmt::to_string(checks.recipients.maximum));
    } else if (info->name == "dkim") {
      line("signatures", fmt::to_string(checks.dkim.signatures));
    } else if (info->name == "arc") {
      line("trusted", quoted_list({checks.arc.trusted.begin(), checks.arc.trusted.end()}));
    } else if (info->name == "lists") {
      line("block", entries(checks.lists.block));
      line("allow", entries(checks.lists.allow));
    } else if (info->name == "callout") {
      line("only-without", quoted_list(checks.callout.only_without));
      line("limit", rate(checks.callout.limit_count, checks.callout.limit_window));
      line("port", fmt::to_string(checks.callout.port));
    } else if (info->name == "attachment") {
      line("block", quoted_list({checks.attachment.block.begin(), checks.attachment.block.end()}));
      line("inside-archives", checks.attachment.inside_archives ? "true" : "false");
      line("encrypted-archives", quote(checks.attachment.encrypted_archives));
    } else if (info->name == "virus") {
      for (const auto& engine : checks.virus.engines) {
        const bool is_icap = engine.protocol == judge::VirusEngineAddress::Protocol::icap;
        line(is_icap ? "icap" : "clamd", quote(engine.text));
      }
      line("when-down", quote(checks.virus.accept_when_down ? "accept" : "defer"));
      line("time-limit",
           quote(format_duration(std::chrono::duration_cast<std::chrono::seconds>(checks.virus.time_limit))));
    } else if (info->name == "rspamd") {
      show_spam_engine(out, checks.rspamd);
    } else if (info->name == "spamassassin") {
      show_spam_engine(out, checks.spamassassin);
    } else if (info->name == "language") {
      line("unwanted", quoted_list({checks.language.unwanted.begin(), checks.language.unwanted.end()}));
    } else if (info->name == "bayes") {
      line("min-learned", fmt::format("{}", checks.bayes.minimum));
      line("per-domain", checks.bayes.per_domain ? "true" : "false");
    } else if (info->name == "url") {
      line("brands", quoted_list(checks.url.brands));
    } else if (info->name == "display") {
      std::vector<std::string> people;
      for (const auto& person : checks.display.people) people.push_back(person.text());
      line("people", quoted_list(people));
    }
  }
  if (checks.keywords) {
    for (const auto& rule : checks.keywords->rules()) show_keyword(out, rule);
  }
  out += "\n[checks.greylist]\n";
  line("when", quoted_list(checks.greylist.when));
  line("delay", quote(format_duration(checks.greylist.delay)));
  line("retry-within", quote(format_duration(checks.greylist.retry_within)));
  line("remember", quote(format_duration(checks.greylist.remember)));
  out += "\n[checks.tarpit]\n";
  line("delay", quote(format_duration(std::chrono::duration_cast<std::chrono::seconds>(checks.tarpit.delay))));
  out += "\n[checks.rate]\n";
  line("connections", rate(checks.rate.connections.count, checks.rate.connections.window));
  line("messages", rate(checks.rate.messages.count, checks.rate.messages.window));
  out += "\n[scan]\n";
  line("cells", fmt::to_string(settings.scanners.cells));
  line("time-limit",
       quote(format_duration(std::chrono::duration_cast<std::chrono::seconds>(settings.scanners.time_limit))));
  out += "\n[harvest]\n";
  line("unknown-limit", fmt::to_string(checks.harvest.unknown_limit));
  line("window", quote(format_duration(checks.harvest.window)));
  line("block", quote(format_duration(checks.harvest.block)));
  for (const auto& [name, policy] : settings.policies) show_policy(out, name, *policy);
  for (const auto& [address, policy] : settings.recipient_policies) {
    out += fmt::format("\n[[recipient]]\naddress = {}\n{}", quote(address), show_domain_policy(*policy));
  }
  out += "\n[history]\n";
  line("keep", quote(format_duration(settings.history_keep)));
  return out;
}

}  // namespace mailreeve::config
