// SPDX-License-Identifier: Apache-2.0
#include "judge/catalogue.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "judge/checks/all.h"
#include "judge/declared.h"

namespace mailreeve::judge {
namespace {

namespace bj = boost::json;

constexpr std::string_view introduction =
    "# Checks and findings\n\n"
    "A check looks at one thing and makes findings; a policy decides what follows from them "
    "([settings.md](settings.md)).\n"
    "A rule that names `spf.none` is about `spf.none` and everything below it; the longest matching rule wins.\n"
    "Weights are defaults: `[policy.NAME.weight]` changes them, `[checks.NAME] enabled` turns a check on or off.\n"
    "What could not be found out is a `temperror` or no finding, never a bad one.\n\n"
    "This page is what `mailreeve checks --markdown` prints.\n";

bj::string text(std::string_view value) { return bj::string{value.data(), value.size()}; }

bj::array findings_json(std::span<const FindingKind> kinds) {
  bj::array all;
  for (const auto& kind : kinds) {
    bj::object entry;
    entry["code"] = text(kind.code);
    if (kind.code.ends_with('*')) {
      entry["weight"] = nullptr;
    } else {
      entry["weight"] = kind.weight;
    }
    entry["meaning"] = text(kind.meaning);
    entry["enhanced"] = text(kind.enhanced);
    all.push_back(std::move(entry));
  }
  return all;
}

bj::array checks_json(const std::vector<const CheckInfo*>& checks) {
  bj::array all;
  for (const auto* info : checks) {
    bj::object entry;
    entry["name"] = text(info->name);
    entry["question"] = text(info->question);
    entry["standards"] = text(info->standards);
    entry["stage"] = text(name(info->stage));
    entry["default"] = info->on_by_default;
    entry["findings"] = findings_json(info->findings);
    all.push_back(std::move(entry));
  }
  return all;
}

/// A cell of a Markdown table.
std::string cell(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string findings_table(std::span<const FindingKind> kinds) {
  std::string out = "| finding | weight | code in replies | meaning |\n| --- | --- | --- | --- |\n";
  for (const auto& kind : kinds) {
    out += fmt::format("| `{}` | {} | X.{} | {} |\n", kind.code, weight_text(kind), kind.enhanced, cell(kind.meaning));
  }
  return out;
}

}  // namespace

std::string weight_text(const FindingKind& kind) {
  if (kind.code.ends_with('*')) return "as set";
  return std::abs(kind.weight) < 1e-9 ? "0" : fmt::format("{:+.1f}", kind.weight);
}

std::string checks_as_markdown() {
  std::string out{introduction};
  for (const auto* info : all_checks()) {
    out += fmt::format("\n## {}\n\n{}\n\nStage: {}. {}.", info->name, info->question, name(info->stage),
                       info->on_by_default ? "On" : "Off unless turned on");
    if (!info->standards.empty()) out += fmt::format(" Standards: {}.", info->standards);
    out += "\n\n" + findings_table(info->findings);
  }
  out += "\n## Findings that no check makes\n\n" + findings_table(findings_beside_checks());
  return out;
}

std::string checks_as_json(const std::vector<const CheckInfo*>& only) {
  return bj::serialize(bj::object{{"checks", checks_json(only)}});
}

std::string checks_as_json() {
  return bj::serialize(
      bj::object{{"checks", checks_json(all_checks())}, {"beside", findings_json(findings_beside_checks())}});
}

}  // namespace mailreeve::judge
