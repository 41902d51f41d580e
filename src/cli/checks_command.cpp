// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "judge/checks/all.h"
#include "judge/declared.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

bj::array kinds_json(std::span<const judge::FindingKind> kinds) {
  bj::array all;
  for (const auto& kind : kinds) {
    all.push_back(bj::object{{"code", kind.code}, {"weight", kind.weight}, {"meaning", kind.meaning}});
  }
  return all;
}

bj::object to_json(const judge::CheckInfo& info) {
  return {
      {"name", info.name},           {"stage", judge::name(info.stage)},    {"question", info.question},
      {"standards", info.standards}, {"on_by_default", info.on_by_default}, {"findings", kinds_json(info.findings)}};
}

void print_kinds(std::ostream& out, std::span<const judge::FindingKind> kinds) {
  for (const auto& kind : kinds) out << fmt::format("  {:>+5.1f}  {:<26} {}\n", kind.weight, kind.code, kind.meaning);
}

void print(std::ostream& out, const judge::CheckInfo& info) {
  out << fmt::format("{}  {}{}\n", info.name, info.question, info.on_by_default ? "" : "  (off by default)");
  if (!info.standards.empty()) out << fmt::format("  {}; begins at: {}\n", info.standards, judge::name(info.stage));
  print_kinds(out, info.findings);
}

void print_markdown(std::ostream& out) {
  out << "# Checks and what they find\n\n"
         "Printed by `mailreeve checks --markdown` from the declarations in `src/judge/checks/`. A weight is what a "
         "finding\n"
         "adds to the score unless a policy says otherwise; a rule for `spf.none` is also one for "
         "`spf.none.implied-fail`.\n";
  const auto table = [&out](std::span<const judge::FindingKind> kinds) {
    out << "\n| finding | weight | meaning |\n|---|---|---|\n";
    for (const auto& kind : kinds)
      out << fmt::format("| `{}` | {:+.1f} | {} |\n", kind.code, kind.weight, kind.meaning);
  };
  for (const auto* info : judge::all_checks()) {
    out << fmt::format("\n## {}\n\n{}{} Begins at: {}.{}\n", info->name, info->question,
                       info->on_by_default ? "" : " Off by default.", judge::name(info->stage),
                       info->standards.empty() ? std::string{} : fmt::format(" {}.", info->standards));
    table(info->findings);
  }
  out << "\n## Beside the checks\n";
  table(judge::findings_beside_checks());
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.has("--markdown")) {
    print_markdown(out);
    return exit_ok;
  }
  const auto name = arguments.value("NAME");
  bj::array all;
  bool any = false;
  for (const auto* info : judge::all_checks()) {
    bool wanted = !name || info->name == *name;
    for (const auto& kind : info->findings) wanted = wanted || (name && judge::covers(*name, kind.code));
    if (!wanted) continue;
    if (arguments.has("--json")) {
      all.push_back(to_json(*info));
    } else {
      if (any) out << '\n';
      print(out, *info);
    }
    any = true;
  }
  if (!any) {
    return give_up(err, {ErrorKind::not_found, Blame::peer,
                         fmt::format("there is no check or finding \"{}\"; `mailreeve checks` lists them", *name)});
  }
  if (arguments.has("--json")) {
    out << bj::serialize(
               bj::object{{"checks", std::move(all)}, {"beside", kinds_json(judge::findings_beside_checks())}})
        << '\n';
  } else if (!name) {
    out << "\nBeside the checks\n";
    print_kinds(out, judge::findings_beside_checks());
  }
  return exit_ok;
}

}  // namespace

Command checks_command() {
  using Kind = Parameter::Kind;
  return {"checks",
          "Every check and finding, with weight and meaning",
          {{"NAME", Kind::optional_positional, "Only this check, or the one that makes this finding"},
           {"--json", Kind::flag, "Print JSON"},
           {"--markdown", Kind::flag, "Print docs/checks.md"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
