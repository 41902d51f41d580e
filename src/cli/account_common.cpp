// SPDX-License-Identifier: Apache-2.0
#include "cli/account_common.h"

#include <ostream>

#include "cli/call_gateway.h"
#include "cli/load_settings.h"

namespace mailreeve::cli {

namespace bj = boost::json;

int ask_accounts(const Arguments& arguments, std::string method, std::string path, const bj::value& body,
                 std::ostream& err, const std::function<int(const bj::value& answer)>& show) {
  const auto settings = load_settings(config_path(arguments), Remarks::errors, err);
  if (!settings) return exit_failed;
  net::HttpRequest request{std::move(method), std::move(path), {}, body.is_null() ? "" : bj::serialize(body)};
  request.headers["content-type"] = "application/json";
  const auto answer = ask_queue(*settings, request);
  if (!answer) {
    err << "mailreeve: " << answer.error().text << '\n';
    return exit_failed;
  }
  if (answer->status / 100 != 2) {
    err << "mailreeve: " << explain(*answer) << '\n';
    return exit_failed;
  }
  bj::value value;
  if (answer->status != 204) {
    bj::error_code error;
    value = bj::parse({answer->body.data(), answer->body.size()}, error);
    if (error || !value.is_object()) {
      err << "mailreeve: the gateway's answer is not understood\n";
      return exit_failed;
    }
  }
  try {
    return show(value);
  } catch (const std::exception&) {  // a field that is not there, or of another kind
    err << "mailreeve: the gateway's answer is not understood\n";
    return exit_failed;
  }
}

std::string time_cell(const bj::value& time) {
  if (!time.is_string() || time.as_string().size() < 16) return "-";
  std::string text{time.as_string().data(), 16};
  text[10] = ' ';
  return text;
}

bool is_path_word(std::string_view word) {
  return !word.empty() && word.find_first_of("/?#") == std::string_view::npos;
}

}  // namespace mailreeve::cli
