// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/commands.h"
#include "cli/queue_common.h"
#include "cli/table.h"

namespace mailreeve::cli {
namespace {

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  net::HttpRequest request{.method = "GET", .path = "/api/v1/queue", .query = filter_query(arguments), .body = {}};
  const bool is_filtered = !request.query.empty();
  for (const auto* const paging : {"--limit", "--after"}) {
    if (auto value = arguments.value(paging)) request.query[std::string{paging}.substr(2)] = *value;
  }
  return ask_and_show(arguments, request, err, [&](const std::string& body) {
    if (arguments.has("--json")) {
      out << body;
      return exit_ok;
    }
    const auto page = web::parse_queue_page(body);
    if (!page) {
      err << "mailreeve: " << page.error().text << '\n';
      return exit_failed;
    }
    if (page->messages.empty() && is_filtered) {
      out << "Nothing in the queue matches.\n";
      return exit_ok;
    }
    if (page->messages.empty() && arguments.has("--after")) {
      out << "There are no more messages.\n";
      return exit_ok;
    }
    out << format_queue(page->messages, SystemClock{}.now());
    if (!page->next.empty()) out << "There may be more: --after " << page->next << '\n';
    return exit_ok;
  });
}

}  // namespace

Command queue_list_command() {
  auto parameters = filter_parameters();
  parameters.push_back({"--limit", Parameter::Kind::number, "At most so many messages, 1 to 1000 (else 100)", "N"});
  parameters.push_back({"--after", Parameter::Kind::value, "Go on after this message", "ID"});
  parameters.push_back({"--json", Parameter::Kind::flag, "Print JSON"});
  parameters.push_back(config_parameter());
  return {"queue list", "List what is queued, oldest first", std::move(parameters), run};
}

}  // namespace mailreeve::cli
