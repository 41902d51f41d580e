// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <ostream>

#include "cli/call_gateway.h"
#include "cli/commands.h"
#include "cli/load_settings.h"

namespace mailreeve::cli {
namespace {

constexpr int unprocessable = 422;  // the gateway read the file and refused it

/// What the gateway found, a line each; whether it took the file.
bool tell(const net::HttpResponse& response, std::ostream& err) {
  boost::json::error_code error;
  const auto value = boost::json::parse({response.body.data(), response.body.size()}, error);
  if (error || !value.is_object()) return false;
  const auto* problems = value.as_object().if_contains("problems");
  if (problems != nullptr && problems->is_array()) {
    for (const auto& problem : problems->as_array()) {
      if (problem.is_string()) err << problem.as_string().c_str() << '\n';
    }
  }
  return response.status == 200;
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto path = config_path(arguments);
  const auto settings = load_settings(path, Remarks::errors, err);
  if (!settings) {
    err << "not reloaded: the gateway keeps the settings it has\n";
    return exit_failed;
  }
  const auto answer = ask_gateway(*settings, {.method = "POST", .path = "/api/v1/reload", .query = {}, .body = {}});
  if (!answer) {
    if (answer.error().kind == ErrorKind::not_found) {
      err << "no gateway runs with data-dir " << settings->data_dir << "; start it with: mailreeve serve --config "
          << path << '\n';
    } else {
      err << "mailreeve: " << answer.error().text << '\n';
    }
    return exit_failed;
  }
  if (answer->status != 200 && answer->status != unprocessable) {
    err << "mailreeve: " << explain(*answer) << '\n';
    return exit_failed;
  }
  if (!tell(*answer, err)) {
    err << "not reloaded: the gateway keeps the settings it has\n";
    return exit_failed;
  }
  out << "reloaded\n";
  return exit_ok;
}

}  // namespace

Command reload_command() {
  return {"reload", "Make the running gateway read its settings again", {config_parameter()}, run};
}

}  // namespace mailreeve::cli
