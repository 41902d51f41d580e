// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/queue_common.h"
#include "cli/table.h"
#include "cli/time_argument.h"
#include "config/finding_names.h"
#include "config/settings.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

std::string text_of(const bj::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::string list_of(const bj::object& object, std::string_view key) {
  std::string out;
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return out;
  for (const auto& one : value->as_array()) out += (out.empty() ? "" : ", ") + std::string{one.as_string()};
  return out;
}

int print(const std::string& body, std::ostream& out, std::ostream& err) {
  bj::error_code error;
  const auto page = bj::parse(body, error);
  if (error) {
    err << "mailreeve: the gateway's answer cannot be read\n";
    return exit_failed;
  }
  const auto& records = page.at("records").as_array();
  if (records.empty()) {
    out << "Nothing in history matches.\n";
    return exit_ok;
  }
  std::vector<std::vector<std::string>> rows{
      {"TIME (UTC)", "ID", "CLIENT", "SENDER", "RECIPIENTS", "VERDICT", "DECIDED BY"}};
  for (const auto& value : records) {
    const auto& record = value.as_object();
    const auto sender = text_of(record, "sender");
    const bool connection = text_of(record, "kind") == "connection";
    rows.push_back({text_of(record, "time").substr(0, 19), text_of(record, "id"), text_of(record, "client"),
                    shown(connection       ? "-"
                          : sender.empty() ? "<>"
                                           : sender),
                    shown(list_of(record, "recipients")), text_of(record, "verdict"), text_of(record, "decided_by")});
  }
  out << format_table(rows);
  if (page.as_object().contains("next")) {
    out << "There may be more: --before " << text_of(page.as_object(), "next") << '\n';
  }
  return exit_ok;
}

constexpr std::string_view verdicts[] = {"accept", "tag",        "greylist", "quarantine",
                                         "reject", "disconnect", "defer",    "abort"};

/// A name that nothing has is an answer of its own; history may still hold what an older file called so.
void check_finding(const Arguments& arguments, std::ostream& err) {
  const auto finding = arguments.value("--finding");
  if (!finding) return;
  const auto loaded = config::load_file(config_path(arguments));
  const config::FindingNames names{loaded.settings ? loaded.settings->checks : judge::CheckOptions{}};
  if (!names.knows(*finding)) err << "mailreeve: --finding: " << shown(names.explain(*finding)) << '\n';
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto verdict = arguments.value("--verdict");
  if (verdict && std::ranges::find(verdicts, *verdict) == std::end(verdicts)) {
    return give_up(err, {ErrorKind::invalid, Blame::peer,
                         fmt::format("--verdict {}: write one of {}", *verdict, fmt::join(verdicts, ", "))});
  }
  check_finding(arguments, err);
  net::HttpRequest request{.method = "GET", .path = "/api/v1/history", .query = {}, .body = {}};
  for (const auto* name : {"--text", "--from", "--to", "--ip", "--verdict", "--finding", "--limit", "--before"}) {
    if (auto value = arguments.value(name)) request.query[std::string{name}.substr(2)] = *value;
  }
  const auto timed = add_times(arguments, request);
  if (!timed) return give_up(err, timed.error());
  return ask_and_show(arguments, request, err, [&](const std::string& body) {
    if (!arguments.has("--json")) return print(body, out, err);
    out << body;
    return exit_ok;
  });
}

}  // namespace

Command history_search_command() {
  using Kind = Parameter::Kind;
  return {"history search",
          "Find connections and messages, newest first",
          {{"--text", Kind::value, "Words anywhere, or what words begin with", "WORDS"},
           {"--from", Kind::value, "The envelope sender contains this", "TEXT"},
           {"--to", Kind::value, "A recipient contains this", "TEXT"},
           {"--ip", Kind::value, "The client's address or network", "ADDRESS"},
           {"--since", Kind::value, "Not older: \"2h\", \"3d\", or a date", "TIME"},
           {"--until", Kind::value, "Not newer", "TIME"},
           {"--verdict", Kind::value, "accept, tag, greylist, quarantine, reject, disconnect, defer or abort", "WORD"},
           {"--finding", Kind::value, "With this finding, or one below it", "CODE"},
           {"--limit", Kind::number, "At most so many, 1 to 1000 (else 100)", "N"},
           {"--before", Kind::value, "Go on with those before this record", "ID"},
           {"--json", Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
