// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/queue_common.h"
#include "judge/story.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

std::string text_of(const bj::value& object, std::string_view key) {
  const auto* value = object.as_object().if_contains(key);
  return value != nullptr && value->is_string() ? shown(std::string{value->as_string()}) : std::string{};
}

/// Where it went after the sender was answered.
std::string later(const bj::object& record) {
  std::string out;
  if (const auto* deliveries = record.if_contains("deliveries"); deliveries != nullptr && deliveries->is_array()) {
    if (!deliveries->as_array().empty()) out += "\nWhere it went:\n";
    for (const auto& one : deliveries->as_array()) {
      out += fmt::format("  {}  {}: {} {}\n", text_of(one, "time").substr(0, 19), text_of(one, "recipient"),
                         text_of(one, "outcome"), text_of(one, "reply"));
    }
  }
  if (const auto* held = record.if_contains("held"); held != nullptr && held->is_string()) {
    out += fmt::format("\nIn the quarantine: mailreeve quarantine show {}\n", shown(std::string{held->as_string()}));
  }
  return out;
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const net::HttpRequest request{
      .method = "GET", .path = "/api/v1/history/" + *arguments.value("ID"), .query = {}, .body = {}};
  return ask_and_show(arguments, request, err, [&](const std::string& body) {
    if (arguments.has("--json")) {
      out << body;
      return exit_ok;
    }
    bj::error_code error;
    const auto record = bj::parse(body, error);
    const auto* story = error ? nullptr : record.as_object().if_contains("story");
    if (story == nullptr) return give_up(err, {ErrorKind::invalid, Blame::local, "the record has no story"});
    const auto told = judge::explain(bj::serialize(*story));
    if (!told) return give_up(err, told.error());
    out << printable_lines(*told) << later(record.as_object());
    return exit_ok;
  });
}

}  // namespace

Command history_show_command() {
  using Kind = Parameter::Kind;
  return {"history show",
          "Explain one connection or message: what was found, what decided, what would have changed it",
          {{"ID", Kind::positional, "The reference in reply, header and log"},
           {"--json", Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
