// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/load_settings.h"
#include "cli/quarantine_common.h"
#include "cli/table.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  net::HttpRequest request{.method = "GET", .path = "/api/v1/audit", .query = {}, .body = {}};
  for (const auto* name : {"--who", "--action", "--object", "--limit", "--cursor"}) {
    if (auto value = arguments.value(name)) request.query[std::string{name}.substr(2)] = *value;
  }
  const auto answer = ask_json(*settings, request);
  if (!answer) return give_up(err, answer.error());
  if (arguments.has("--json")) {
    out << bj::serialize(*answer) << '\n';
    return exit_ok;
  }
  const auto& page = answer->as_object();
  const auto* entries = page.if_contains("entries");
  if (entries == nullptr || !entries->is_array() || entries->as_array().empty()) {
    out << "Nothing in the audit log matches.\n";
    return exit_ok;
  }
  std::vector<std::vector<std::string>> rows{{"TIME (UTC)", "WHO", "FROM", "ACTION", "OBJECT", "DETAIL"}};
  for (const auto& one : entries->as_array()) {
    const auto& entry = one.as_object();
    const auto from = text_in(entry, "from");
    rows.push_back({text_in(entry, "time").substr(0, 19), text_in(entry, "who"), from.empty() ? "-" : from,
                    text_in(entry, "action"), text_in(entry, "object"), text_in(entry, "detail")});
  }
  out << format_table(rows);
  if (const auto next = text_in(page, "next"); !next.empty()) out << "There may be more: --cursor " << next << '\n';
  return exit_ok;
}

}  // namespace

Command audit_command() {
  using Kind = Parameter::Kind;
  return {"audit",
          "Who did what, newest first",
          {{"--who", Kind::value, "By this account or recipient", "NAME"},
           {"--action", Kind::value, "This action: quarantine.release", "ACTION"},
           {"--object", Kind::value, "About this message or account", "ID"},
           {"--limit", Kind::number, "At most so many, 1 to 1000 (else 100)", "N"},
           {"--cursor", Kind::value, "Go on where the page before ended", "CURSOR"},
           {"--json", Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
