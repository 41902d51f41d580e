// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands.h"
#include "cli/dns_options.h"
#include "cli/queue_common.h"
#include "judge/story.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;

std::string printable_lines(const std::string& text) {
  std::string out;
  std::string_view rest{text};
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    out += shown(rest.substr(0, end)) + '\n';
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
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
    out << printable_lines(*told);
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
