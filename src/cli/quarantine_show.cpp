// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <ostream>

#include "cli/call_gateway.h"
#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/load_settings.h"
#include "cli/quarantine_common.h"
#include "cli/table.h"
#include "judge/story.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

std::string facts_of(const bj::object& entry) {
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("{:<12} {}\n", name, value);
  };
  const bool refused = text_in(entry, "kind") == "refused";
  line("id", text_in(entry, "id"));
  line("arrived", text_in(entry, "time").substr(0, 19) + " UTC, kept until " + text_in(entry, "expires").substr(0, 10));
  line("kind", refused ? "refused: its sender was told no, this is a copy" : "held: this is the only copy");
  line("sender", text_in(entry, "sender").empty() ? "<>" : text_in(entry, "sender"));
  line("from", text_in(entry, "from"));
  line("subject", text_in(entry, "subject"));
  line("client", text_in(entry, "client"));
  line("why", text_in(entry, "why"));
  line("findings", texts_in(entry, "findings"));
  line("attachments", texts_in(entry, "attachments"));
  if (const auto* size = entry.if_contains("size"); size != nullptr && size->is_number()) {
    line("size", format_size(size->to_number<std::uint64_t>()));
  }
  if (const auto* recipients = entry.if_contains("recipients"); recipients != nullptr && recipients->is_array()) {
    for (const auto& one : recipients->as_array()) {
      const auto& recipient = one.as_object();
      const auto by = text_in(recipient, "by");
      line("for", fmt::format("{}: {}{}", text_in(recipient, "address"), text_in(recipient, "state"),
                              by.empty() ? "" : " by " + by));
    }
  }
  return out;
}

std::string actions_of(const bj::object& entry) {
  std::string out;
  const auto* actions = entry.if_contains("actions");
  if (actions == nullptr || !actions->is_array() || actions->as_array().empty()) return out;
  out += "\nDone with it:\n";
  for (const auto& one : actions->as_array()) {
    const auto& action = one.as_object();
    out += fmt::format("  {}  {}  {}  {}\n", text_in(action, "time").substr(0, 19), text_in(action, "who"),
                       text_in(action, "action"), text_in(action, "detail"));
  }
  return out;
}

std::string parts_of(const bj::object& preview) {
  std::string out;
  const auto* attachments = preview.if_contains("attachments");
  if (attachments == nullptr || !attachments->is_array() || attachments->as_array().empty()) return out;
  out += "\nAttached:\n";
  for (const auto& one : attachments->as_array()) {
    const auto& part = one.as_object();
    out += fmt::format("  {:<8} {}  {}\n", text_in(part, "place"), text_in(part, "name"), text_in(part, "type"));
  }
  return out;
}

int print_raw(const config::Settings& settings, const std::string& id, std::ostream& out, std::ostream& err) {
  const net::HttpRequest request{
      .method = "GET", .path = "/api/v1/quarantine/" + id + "/body", .query = {}, .body = {}};
  const auto answer = ask_queue(settings, request);
  if (!answer) return give_up(err, answer.error());
  if (answer->status != 200) return give_up(err, {ErrorKind::not_found, Blame::peer, explain(*answer)});
  out << answer->body;
  return exit_ok;
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  const auto id = arguments.value("ID").value_or("");
  if (arguments.has("--raw")) return print_raw(*settings, id, out, err);
  const net::HttpRequest request{.method = "GET", .path = "/api/v1/quarantine/" + id, .query = {}, .body = {}};
  const auto answer = ask_json(*settings, request);
  if (!answer) return give_up(err, answer.error());
  if (arguments.has("--json")) {
    out << bj::serialize(*answer) << '\n';
    return exit_ok;
  }
  const auto& entry = answer->as_object();
  out << facts_of(entry);
  if (arguments.has("--parts")) {
    const net::HttpRequest look{
        .method = "GET", .path = "/api/v1/quarantine/" + id + "/preview", .query = {}, .body = {}};
    const auto preview = ask_json(*settings, look);
    if (!preview) return give_up(err, preview.error());
    out << parts_of(preview->as_object());
  }
  if (const auto* story = entry.if_contains("story"); story != nullptr && story->is_object()) {
    const auto told = judge::explain(bj::serialize(*story));
    if (told) out << '\n' << printable_lines(*told);
  }
  out << actions_of(entry);
  return exit_ok;
}

}  // namespace

Command quarantine_show_command() {
  using Kind = Parameter::Kind;
  return {"quarantine show",
          "Show one held message: why it is held, and what was done with it",
          {{"ID", Kind::positional, "The message's id"},
           {"--raw", Kind::flag, "Print the message itself, octet for octet"},
           {"--parts", Kind::flag, "List what is attached to it"},
           {"--json", Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
