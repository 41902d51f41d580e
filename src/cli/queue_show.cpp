// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/commands.h"
#include "cli/queue_common.h"
#include "cli/table.h"

namespace mailreeve::cli {
namespace {

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto id = arguments.value("ID").value_or("");
  const bool wants_body = arguments.has("--body");
  if (wants_body && arguments.has("--json")) {
    err << "mailreeve queue show: --body prints the message itself, which is no JSON; leave one of the two out\n";
    return exit_usage;
  }
  const net::HttpRequest request{
      .method = "GET", .path = "/api/v1/queue/" + id + (wants_body ? "/body" : ""), .query = {}, .body = {}};
  return ask_and_show(arguments, request, err, [&](const std::string& body) {
    if (wants_body || arguments.has("--json")) {
      out << body;
      return exit_ok;
    }
    const auto entry = web::parse_queue_entry(body);
    if (!entry) {
      err << "mailreeve: " << entry.error().text << '\n';
      return exit_failed;
    }
    out << format_message(*entry, SystemClock{}.now());
    return exit_ok;
  });
}

}  // namespace

Command queue_show_command() {
  return {"queue show",
          "Show one message and what became of each recipient",
          {{"ID", Parameter::Kind::positional, "The message's id"},
           {"--body", Parameter::Kind::flag, "Print the message itself, octet for octet"},
           {"--json", Parameter::Kind::flag, "Print JSON"},
           config_parameter()},
          run};
}

}  // namespace mailreeve::cli
