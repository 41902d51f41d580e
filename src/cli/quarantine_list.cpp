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

constexpr std::size_t usual_limit = 100;
constexpr std::size_t largest_limit = 100'000;

std::string recipients_of(const bj::object& item) {
  std::string out;
  const auto* recipients = item.if_contains("recipients");
  if (recipients == nullptr || !recipients->is_array()) return out;
  for (const auto& one : recipients->as_array()) {
    const auto state = text_in(one.as_object(), "state");
    out += (out.empty() ? "" : ", ") + text_in(one.as_object(), "address");
    if (state != "waiting") out += fmt::format(" ({})", state);
  }
  return out;
}

void print(const bj::array& items, std::ostream& out) {
  std::vector<std::vector<std::string>> rows{{"TIME (UTC)", "ID", "KIND", "FROM", "RECIPIENTS", "WHY", "SUBJECT"}};
  for (const auto& value : items) {
    const auto& item = value.as_object();
    auto from = text_in(item, "sender");
    if (from.empty()) from = "<>";
    rows.push_back({text_in(item, "time").substr(0, 19), text_in(item, "id"), text_in(item, "kind"), from,
                    recipients_of(item), text_in(item, "decided_by"), text_in(item, "subject")});
  }
  out << format_table(rows);
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  auto limit = usual_limit;
  if (const auto given = arguments.value("--limit")) limit = std::stoul(*given);
  if (limit == 0 || limit > largest_limit) {
    err << fmt::format("mailreeve quarantine list: --limit: 1 to {}\n", largest_limit);
    return exit_usage;
  }
  auto query = held_filter_query(arguments);
  if (!query) return give_up(err, query.error());
  const auto items = list_held_items(*settings, std::move(*query), limit);
  if (!items) return give_up(err, items.error());
  if (arguments.has("--json")) {
    bj::object page;
    page["items"] = *items;
    out << bj::serialize(page) << '\n';
  } else if (items->empty()) {
    out << (has_held_filter(arguments) ? "Nothing in the quarantine matches.\n" : "The quarantine is empty.\n");
  } else {
    print(*items, out);
    if (items->size() == limit) out << "There may be more: --limit\n";
  }
  return exit_ok;
}

}  // namespace

Command quarantine_list_command() {
  using Kind = Parameter::Kind;
  auto parameters = held_filter_parameters();
  parameters.push_back({"--limit", Kind::number, "At most so many (else 100)", "N"});
  parameters.push_back({"--json", Kind::flag, "Print JSON"});
  parameters.push_back(config_parameter());
  return {"quarantine list", "List what is held, newest first", std::move(parameters), run};
}

}  // namespace mailreeve::cli
