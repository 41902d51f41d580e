// SPDX-License-Identifier: Apache-2.0
// [policy.NAME], [[recipient]] and the policy of a [[domain]]: what follows from what was found.
#include <algorithm>

#include "config/load.h"

namespace mailreeve::config {
namespace {

using judge::Policy;

constexpr double heaviest = 1000;
constexpr std::size_t longest_label = 120;

void read_threshold(const Section& section, std::string_view key, std::optional<double>& out) {
  if (section.is_text(key) && section.text(key)->value == "never") {
    out.reset();
  } else if (const auto score = section.decimal(key, -heaviest, heaviest)) {
    out = score;
  }
}

void read_actions(const Section& section, Policy& policy) {
  for (const auto& [code, word] : section.entries()) {
    const auto action = judge::parse_action(word.value);
    if (action) {
      policy.actions[code] = *action;
    } else {
      section.problems().error(word.place,
                               fmt::format("\"{}\" = \"{}\" is unknown; write one of \"reject\", \"disconnect\", "
                                           "\"greylist\", \"quarantine\", \"tag\", \"none\"",
                                           code, word.value));
    }
  }
}

/// What a policy starts from: the built-in one of its name, or the one that it wants to be like.
Policy read_base(const std::string& name, const Section& section) {
  const auto& built_in = judge::built_in_policies();
  const auto own = built_in.find(name);
  const auto like = section.text("like");
  if (!like) return own == built_in.end() ? Policy{} : own->second;
  if (own != built_in.end()) {
    section.error("like", fmt::format("[policy.{}] is like the built-in \"{}\" by its name; for something like "
                                      "another give it a name of its own",
                                      name, name));
    return own->second;
  }
  const auto base = built_in.find(like->value);
  if (base != built_in.end()) return base->second;
  std::vector<std::string_view> names;
  for (const auto& [known, policy] : built_in) names.push_back(known);
  section.error("like",
                fmt::format("like = \"{}\" is unknown; write one of \"{}\"", like->value, fmt::join(names, "\", \"")));
  return {};
}

std::shared_ptr<const Policy> read_policy(const std::string& name, const Section& section) {
  auto policy = read_base(name, section);
  policy.name = name;
  read_threshold(section, "tag", policy.tag);
  read_threshold(section, "greylist", policy.greylist);
  read_threshold(section, "quarantine", policy.quarantine);
  read_threshold(section, "reject", policy.reject);
  if (policy.quarantine && policy.reject && *policy.reject < *policy.quarantine) {
    section.warning("reject", "reject is below quarantine: nothing will be quarantined for its score");
  }
  if (const auto prefix = section.text("subject-prefix")) {
    const auto printable = [](char c) { return c >= ' ' && c < 0x7f; };
    if (prefix->value.size() > 64 || !std::ranges::all_of(prefix->value, printable)) {
      section.error("subject-prefix", "subject-prefix must be at most 64 printable US-ASCII characters");
    }
    policy.subject_prefix = prefix->value;
  }
  if (const auto label = section.text("label")) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (label->value.size() > longest_label || std::ranges::any_of(label->value, control)) {
      section.error("label", fmt::format("label must be at most {} octets in one line", longest_label));
    }
    policy.label = label->value;
  }
  section.choice("digest", policy.digest,
                 {{"never", store::DigestTimes::never},
                  {"hourly", store::DigestTimes::hourly},
                  {"daily", store::DigestTimes::daily},
                  {"weekdays", store::DigestTimes::weekdays},
                  {"weekly", store::DigestTimes::weekly}});
  section.boolean("keep-refused", policy.keep_refused);
  if (section.has("not-kept")) {
    policy.not_kept.clear();
    for (const auto& code : section.texts("not-kept")) policy.not_kept.push_back(code.value);
    if (!policy.keep_refused) {
      section.warning("not-kept", "not-kept says nothing without keep-refused = true: nothing that is refused is kept");
    }
  }
  read_actions(section.section("action"), policy);
  for (const auto& [code, weight] : section.section("weight").decimals(-heaviest, heaviest)) {
    policy.weights[code] = weight;
  }
  const auto lists = section.section("lists");
  if (lists.exists()) policy.lists = std::make_shared<const judge::SenderLists>(read_sender_lists(lists));
  return std::make_shared<const Policy>(std::move(policy));
}

/// The policy of that name, or null and an error.
std::shared_ptr<const Policy> find_policy(const Section& section, std::string_view key, const Text& name,
                                          const Settings& settings) {
  const auto found = settings.policies.find(name.value);
  if (found != settings.policies.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, value] : settings.policies) names.push_back(known);
  const auto meant = nearest(name.value, names);
  section.problems().error(
      name.place, meant ? fmt::format("{}: there is no [policy.{}]; did you mean \"{}\"?", key, name.value, *meant)
                        : fmt::format("{}: there is no [policy.{}]; write one, or use \"{}\"", key, name.value,
                                      fmt::join(names, "\", \"")));
  return nullptr;
}

/// A policy with the weights that `section` gives itself.
std::shared_ptr<const Policy> with_weights(const Section& section, std::shared_ptr<const Policy> policy) {
  const auto weights = section.section("weight").decimals(-heaviest, heaviest);
  if (weights.empty()) return policy;
  auto changed = *policy;
  for (const auto& [code, weight] : weights) changed.weights[code] = weight;
  return std::make_shared<const Policy>(std::move(changed));
}

/// The policy that `section` names, with the weights that it gives itself.
std::shared_ptr<const Policy> named_policy(const Section& section, const Settings& settings) {
  std::shared_ptr<const Policy> policy;
  if (const auto name = section.text("policy")) policy = find_policy(section, "policy", *name, settings);
  if (policy) return with_weights(section, std::move(policy));
  if (section.has("weight")) {
    section.error("weight", "weight needs a policy beside it: without one nothing follows from a score");
  }
  return nullptr;
}

/// What a domain's recipients may choose.
void read_choices(const Section& section, const mail::Domain& domain, Settings& settings) {
  std::vector<std::shared_ptr<const Policy>> choices;
  auto& names = settings.domain_choices[domain.text()];
  for (const auto& name : section.texts("may-choose")) {
    auto policy = find_policy(section, "may-choose", name, settings);
    if (!policy || std::ranges::find(names, name.value) != names.end()) continue;
    names.push_back(name.value);
    choices.push_back(with_weights(section, std::move(policy)));
  }
  settings.policy_book.set_choices(domain, std::move(choices));
}

}  // namespace

void read_policies(const Section& file, Settings& settings) {
  for (const auto& [name, policy] : judge::built_in_policies()) {
    settings.policies[name] = std::make_shared<const Policy>(policy);
  }
  for (const auto& [name, section] : file.section("policy").named_sections()) {
    settings.policies[name] = read_policy(name, section);
  }
  // What [checks.attachment] says of encrypted archives is a rule of every policy that has none of its own.
  const auto encrypted = judge::parse_action(settings.checks.attachment.encrypted_archives);
  for (auto& [name, policy] : settings.policies) {
    if (!encrypted || *encrypted == judge::Action::none || policy->actions.contains("attachment.encrypted")) continue;
    auto changed = *policy;
    changed.actions["attachment.encrypted"] = *encrypted;
    policy = std::make_shared<const Policy>(std::move(changed));
  }
  for (const auto& section : file.sections("domain")) {
    const auto policy = named_policy(section, settings);
    const auto name = section.text("name");
    if (!name) continue;
    const auto domain = mail::Domain::parse(name->value);
    if (!domain) continue;  // told where the domain is read
    if (section.has("may-choose")) read_choices(section, *domain, settings);
    if (!policy) continue;
    settings.policy_book.set_domain(*domain, policy);
    settings.domain_policies[domain->text()] = policy;
  }
  for (const auto& section : file.sections("recipient")) {
    const auto address = section.required_text("address", "newsletters@example.org");
    if (!section.has("policy"))
      section.error({}, "policy is missing in [[recipient]]; write the name of a [policy.NAME]");
    auto policy = named_policy(section, settings);
    if (!address) continue;
    const auto mailbox = mail::Mailbox::parse(address->value);
    if (!mailbox) {
      section.error("address", fmt::format("address: {}", mailbox.error().text));
      continue;
    }
    const auto ours = [&](const judge::DomainOptions& domain) { return domain.name == mailbox->domain(); };
    if (std::ranges::none_of(settings.recipients.domains, ours)) {
      section.error("address", fmt::format("{} is in no [[domain]] of this file (an alias domain's recipients are "
                                           "named by the domain itself)",
                                           address->value));
    }
    if (!policy) continue;
    settings.policy_book.set_recipient(*mailbox, policy);
    settings.recipient_policies.emplace_back(mailbox->text(), std::move(policy));
  }
}

void read_history(const Section& file, Settings& settings) {
  file.section("history").duration("keep", settings.history_keep, std::chrono::hours{1}, std::chrono::hours{24 * 3650});
}

}  // namespace mailreeve::config
