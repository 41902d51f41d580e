// SPDX-License-Identifier: Apache-2.0
// user: who may sign in to the pages and the API.
#include <fmt/format.h>

#include <ostream>

#include "cli/account_common.h"
#include "cli/commands.h"
#include "cli/read_password.h"
#include "cli/table.h"

namespace mailreeve::cli {
namespace {

namespace bj = boost::json;
using Kind = Parameter::Kind;

std::string text_of(const bj::value& value) { return {value.as_string().data(), value.as_string().size()}; }

int wrong_name(std::ostream& err) {
  err << "mailreeve: that is no name of an account\n";
  return exit_usage;
}

int add(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto name = arguments.value("NAME").value_or("");
  const auto password = read_new_password(arguments);
  if (!password) {
    err << "mailreeve: " << password.error().text << '\n';
    return exit_failed;
  }
  const bj::object body{
      {"name", name}, {"role", arguments.value("--role").value_or("viewer")}, {"password", *password}};
  return ask_accounts(arguments, "POST", "/api/v1/users", body, err, [&](const bj::value& user) {
    out << fmt::format("{} may sign in as {}\n", text_of(user.at("name")), text_of(user.at("role")));
    return exit_ok;
  });
}

int list(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return ask_accounts(arguments, "GET", "/api/v1/users", nullptr, err, [&](const bj::value& answer) {
    if (arguments.has("--json")) {
      out << bj::serialize(answer) << '\n';
      return exit_ok;
    }
    const auto& users = answer.at("users").as_array();
    if (users.empty()) {
      out << "There is no account yet: mailreeve user setup-link\n";
      return exit_ok;
    }
    std::vector<std::vector<std::string>> rows{{"NAME", "ROLE", "CREATED (UTC)", "LAST SIGN-IN", ""}};
    for (const auto& user : users) {
      rows.push_back({text_of(user.at("name")), text_of(user.at("role")), time_cell(user.at("created")),
                      time_cell(user.at("last_sign_in")), user.at("disabled").as_bool() ? "disabled" : ""});
    }
    out << format_table(rows);
    return exit_ok;
  });
}

int change(const Arguments& arguments, const bj::object& body, std::string_view what, std::ostream& out,
           std::ostream& err) {
  const auto name = arguments.value("NAME").value_or("");
  if (!is_path_word(name)) return wrong_name(err);
  return ask_accounts(arguments, "PATCH", "/api/v1/users/" + name, body, err, [&](const bj::value& user) {
    out << fmt::format("{} {}; sessions ended, tokens revoked\n", text_of(user.at("name")), what);
    return exit_ok;
  });
}

int passwd(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto password = read_new_password(arguments);
  if (!password) {
    err << "mailreeve: " << password.error().text << '\n';
    return exit_failed;
  }
  return change(arguments, {{"password", *password}}, "has a new password", out, err);
}

int disable(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return change(arguments, {{"disabled", true}}, "is disabled", out, err);
}

int enable(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return change(arguments, {{"disabled", false}}, "is enabled", out, err);
}

int set_role(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto role = arguments.value("ROLE").value_or("");
  return change(arguments, {{"role", role}}, "is " + role + " now", out, err);
}

int remove(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto name = arguments.value("NAME").value_or("");
  if (!is_path_word(name)) return wrong_name(err);
  return ask_accounts(arguments, "DELETE", "/api/v1/users/" + name, nullptr, err, [&](const bj::value&) {
    out << printable(name) << " is removed\n";
    return exit_ok;
  });
}

int setup_link(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  return ask_accounts(arguments, "POST", "/api/v1/setup-link", nullptr, err, [&](const bj::value& answer) {
    out << text_of(answer.at("url")) << '\n';
    return exit_ok;
  });
}

Parameter name_parameter() { return {"NAME", Kind::positional, "The account's name"}; }

}  // namespace

Command user_add_command() {
  return {"user add",
          "Let somebody sign in",
          {name_parameter(),
           {"--role", Kind::value, "viewer (the default), reviewer or admin", "ROLE"},
           password_parameter(),
           config_parameter()},
          add};
}
Command user_list_command() {
  return {"user list", "List who may sign in", {{"--json", Kind::flag, "Print JSON"}, config_parameter()}, list};
}
Command user_passwd_command() {
  return {"user passwd",
          "Give an account a new password",
          {name_parameter(), password_parameter(), config_parameter()},
          passwd};
}
Command user_role_command() {
  return {"user role",
          "Give an account another role",
          {name_parameter(), {"ROLE", Kind::positional, "viewer, reviewer or admin"}, config_parameter()},
          set_role};
}
Command user_disable_command() {
  return {"user disable", "Keep somebody from signing in", {name_parameter(), config_parameter()}, disable};
}
Command user_enable_command() {
  return {"user enable", "Let somebody sign in again", {name_parameter(), config_parameter()}, enable};
}
Command user_remove_command() {
  return {"user remove", "Remove an account", {name_parameter(), config_parameter()}, remove};
}
Command user_setup_link_command() {
  return {"user setup-link",
          "Print a link that makes the first account, good for 24 hours",
          {config_parameter()},
          setup_link};
}

}  // namespace mailreeve::cli
