// SPDX-License-Identifier: Apache-2.0
// What is no mistake of notation but hardly what was meant: rules for what nothing finds, policies that let the worst
// in, checks without what they read.
#include <algorithm>

#include "config/finding_names.h"
#include "config/load.h"

namespace mailreeve::config {
namespace {

// What is done about these should not hang on a score that proven senders lower.
constexpr std::string_view gates[] = {"virus.found", "attachment.dangerous", "scan.crashed"};

constexpr std::string_view iso_639_1 =
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
    "iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt "
    "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl "
    "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
    "za zh zu";

void check_languages(const Section& file) {
  for (const auto& code : file.section("checks").section("language").texts("unwanted")) {
    if (code.value.size() != 2 || iso_639_1.find(code.value) != std::string_view::npos) continue;
    file.problems().warning(code.place, fmt::format("unwanted: ISO 639-1 knows no \"{}\"", code.value));
  }
}

void check_names(const Section& file, const FindingNames& names) {
  const auto look = [&](const std::vector<Text>& rules) {
    for (const auto& rule : rules) {
      if (!names.knows(rule.value)) file.problems().warning(rule.place, names.explain(rule.value));
    }
  };
  for (const auto& [name, section] : file.section("policy").named_sections()) {
    look(section.section("action").keys());
    look(section.section("weight").keys());
    look(section.section("notify").keys());
    look(section.texts("not-kept"));
  }
  for (const auto* of : {"domain", "recipient"}) {
    for (const auto& section : file.sections(of)) look(section.section("weight").keys());
  }
  const auto checks = file.section("checks");
  look(checks.section("greylist").texts("when"));
  look(checks.section("callout").texts("only-without"));
  look(file.section("quarantine").texts("ask-only"));
}

void check_gates(const Section& file, const Settings& settings) {
  for (const auto& [name, section] : file.section("policy").named_sections()) {
    const auto found = settings.policies.find(name);
    if (found == settings.policies.end()) continue;
    const auto says_nothing_of = [&](std::string_view gate) {
      const auto about = [gate](const auto& rule) { return judge::covers(rule.first, gate); };
      return std::ranges::none_of(found->second->actions, about);
    };
    std::vector<std::string_view> open;
    std::ranges::copy_if(gates, std::back_inserter(open), says_nothing_of);
    if (open.empty()) continue;
    section.warning({}, fmt::format("[policy.{}] has no action for \"{}\": such mail may be delivered, for its score "
                                    "alone decides; write actions, or like = \"balanced\"",
                                    name, fmt::join(open, "\", \"")));
  }
}

void check_domains(const Section& file, const Settings& settings) {
  const auto is_mx = [](const auto& listener) { return listener.role == gateway::Role::mx; };
  if (std::ranges::none_of(settings.gateway.listeners, is_mx)) return;
  std::vector<Section> without;
  for (const auto& section : file.sections("domain")) {
    if (!section.has("policy") && section.has("name")) without.push_back(section);
  }
  if (without.empty()) return;
  const auto name = without.front().text("name");
  const auto more = without.size() == 1 ? std::string{} : fmt::format(" (and {} more)", without.size() - 1);
  without.front().warning("name", fmt::format("{}{} has no policy: nothing follows from what is found, viruses are "
                                              "delivered; write policy = \"balanced\"",
                                              name ? name->value : "this domain", more));
}

void check_content(const Section& file, const Settings& settings) {
  constexpr std::string_view readers[] = {"attachment", "url", "url-lists", "display", "language", "keyword", "bayes"};
  const auto& disabled = settings.checks.disabled;
  if (!disabled.contains("content")) return;
  std::vector<std::string_view> idle;
  std::ranges::copy_if(readers, std::back_inserter(idle),
                       [&](std::string_view check) { return !disabled.contains(std::string{check}); });
  if (idle.empty()) return;
  file.section("checks").section("content").warning(
      "enabled",
      fmt::format("without checks.content nothing is found by {}: they read its report", fmt::join(idle, ", ")));
}

}  // namespace

void check_rules(const Section& file, const Settings& settings) {
  check_names(file, FindingNames{settings.checks});
  check_gates(file, settings);
  check_domains(file, settings);
  check_content(file, settings);
  check_languages(file);
}

}  // namespace mailreeve::config
