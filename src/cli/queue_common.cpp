// SPDX-License-Identifier: Apache-2.0
#include "cli/queue_common.h"

#include <ostream>

#include "cli/call_gateway.h"
#include "cli/load_settings.h"

namespace mailreeve::cli {

std::vector<Parameter> filter_parameters() {
  using Kind = Parameter::Kind;
  return {
      {"--state", Kind::value, "Only recipients that are queued, held, refused or expired", "STATE"},
      {"--destination", Kind::value, "Only recipients of this destination", "DOMAIN"},
      {"--sender", Kind::value, "Only mail from this envelope sender", "ADDRESS"},
      {"--recipient", Kind::value, "Only this envelope recipient", "ADDRESS"},
  };
}

std::map<std::string, std::string> filter_query(const Arguments& arguments) {
  std::map<std::string, std::string> query;
  for (const auto& parameter : filter_parameters()) {
    if (auto value = arguments.value(parameter.name)) query[parameter.name.substr(2)] = *value;
  }
  return query;
}

int ask_and_show(const Arguments& arguments, const net::HttpRequest& request, std::ostream& err,
                 const std::function<int(const std::string& body)>& show) {
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  const auto answer = ask_queue(*settings, request);
  if (!answer) {
    err << "mailreeve: " << answer.error().text << '\n';
    return exit_failed;
  }
  if (answer->status != 200) {
    err << "mailreeve: " << explain(*answer) << '\n';
    return exit_failed;
  }
  return show(answer->body);
}

}  // namespace mailreeve::cli
