// SPDX-License-Identifier: Apache-2.0
// token: what programs call the API with.
#include <fmt/format.h>

#include <ostream>

#include "base/clock.h"
#include "cli/account_common.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "config/values.h"
#include "mail/date.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;
using Kind = Parameter::Kind;

std::string text_of(const bj::value& value) { return {value.as_string().data(), value.as_string().size()}; }

int add(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  bj::array scopes;
  for (const auto& scope : arguments.values("--scope")) scopes.emplace_back(scope);
  bj::object body{{"name", arguments.value("NAME").value_or("")},
                  {"owner", arguments.value("--owner").value_or("")},
                  {"scopes", std::move(scopes)}};
  if (const auto text = arguments.value("--expires")) {
    const auto time = config::parse_duration(*text);
    if (!time) {
      err << "mailreeve: --expires: " << time.error().text << '\n';
      return exit_usage;
    }
    body["expires"] = mail::iso8601(SystemClock{}.now() + *time);
  }
  return ask_accounts(arguments, "POST", "/api/v1/tokens", body, err, [&](const bj::value& answer) {
    if (arguments.has("--json")) {
      out << bj::serialize(answer) << '\n';
      return exit_ok;
    }
    out << text_of(answer.at("secret")) << '\n';
    err << fmt::format("token {}: this is shown once; send it as Authorization: Bearer mrv_...\n",
                       text_of(answer.at("token").at("id")));
    return exit_ok;
  });
}

std::string state_of(const bj::value& token) {
  if (token.at("revoked").as_bool()) return "revoked";
  return token.at("expires").is_null() ? "" : "until " + time_cell(token.at("expires"));
}

int list(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return ask_accounts(arguments, "GET", "/api/v1/tokens", nullptr, err, [&](const bj::value& answer) {
    if (arguments.has("--json")) {
      out << bj::serialize(answer) << '\n';
      return exit_ok;
    }
    const auto& tokens = answer.at("tokens").as_array();
    if (tokens.empty()) {
      out << "There are no tokens.\n";
      return exit_ok;
    }
    std::vector<std::vector<std::string>> rows{{"ID", "NAME", "OWNER", "LAST USED (UTC)", "STATE", "SCOPES"}};
    for (const auto& token : tokens) {
      std::string scopes;
      for (const auto& scope : token.at("scopes").as_array()) scopes += (scopes.empty() ? "" : " ") + text_of(scope);
      rows.push_back({text_of(token.at("id")), printable(text_of(token.at("name"))), text_of(token.at("owner")),
                      time_cell(token.at("last_used")), state_of(token), scopes});
    }
    out << format_table(rows);
    return exit_ok;
  });
}

int revoke(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto id = arguments.value("ID").value_or("");
  if (!is_path_word(id)) {
    err << "mailreeve: that is no id of a token\n";
    return exit_usage;
  }
  return ask_accounts(arguments, "DELETE", "/api/v1/tokens/" + id, nullptr, err, [&](const bj::value&) {
    out << printable(id) << " is revoked\n";
    return exit_ok;
  });
}

}  // namespace

Command token_add_command() {
  return {"token add",
          "Make a token for a program that calls the API; it is printed once",
          {{"NAME", Kind::positional, "What it is for"},
           {"--owner", Kind::value, "The account whose rights bound it", "USER"},
           {"--scope", Kind::values, "What it may do, such as queue.read; may be given again", "SCOPE"},
           {"--expires", Kind::value, "It ends after this time, such as 90d", "TIME"},
           {"--json", Kind::flag, "Print JSON"},
           config_parameter()},
          add};
}
Command token_list_command() {
  return {"token list", "List tokens", {{"--json", Kind::flag, "Print JSON"}, config_parameter()}, list};
}
Command token_revoke_command() {
  return {
      "token revoke", "End a token at once", {{"ID", Kind::positional, "The token's id"}, config_parameter()}, revoke};
}

}  // namespace mailreeve::cli
