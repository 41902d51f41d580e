// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <list>
#include <ostream>

namespace mailreeve::cli {
namespace {

// A command as CLI11 knows it, with room for what it reads.
struct Declared {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::list<std::pair<const Parameter*, std::string>> values;  // a list: CLI11 keeps references

  /// `config`: what stood behind --config before the command; the command's own wins.
  Arguments arguments(const std::string& config) const {
    std::map<std::string, std::string> given;
    if (!config.empty()) given["--config"] = config;
    for (const auto& [parameter, value] : values) {
      if (app->count(parameter->name) > 0) given[parameter->name] = value;
    }
    return Arguments{std::move(given)};
  }
};

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 10 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void declare_parameter(Declared& declared, const Parameter& parameter) {
  auto& value = declared.values.emplace_back(&parameter, std::string{}).second;
  using Kind = Parameter::Kind;
  if (parameter.kind == Kind::flag) {
    declared.app->add_flag(parameter.name, parameter.help);
    return;
  }
  const auto* names = parameter.name == "--config" ? "--config,-c" : parameter.name.c_str();
  auto* option = declared.app->add_option(names, value, parameter.help);
  const bool rest = parameter.kind == Kind::positionals || parameter.kind == Kind::optional_positionals;
  const bool many = rest || parameter.kind == Kind::values;
  if (many) {
    option->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::Join);
  } else {
    option->expected(1);
  }
  if (many) option->allow_extra_args(rest);
  // A positional shows its name already.
  option->type_name(parameter.shown);
  if (parameter.kind == Kind::positional || parameter.kind == Kind::positionals) option->required();
  if (parameter.kind == Kind::number) {
    option->check([](const std::string& text) { return is_number(text) ? "" : "\"" + text + "\" is not a number"; });
  }
}

CLI::App* home_of(CLI::App& root, const Command& command, std::string& name) {
  const auto space = command.name.find(' ');
  if (space == std::string::npos) {
    name = command.name;
    return &root;
  }
  name = command.name.substr(space + 1);
  return root.get_subcommand(command.name.substr(0, space));
}

const CLI::App* deepest(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

std::string full_name(const CLI::App* app) {
  const auto* parent = app->get_parent();
  return parent == nullptr ? app->get_name() : full_name(parent) + " " + app->get_name();
}

std::string help_of(const CLI::App* app) {
  const auto* parent = app->get_parent();
  return parent == nullptr ? app->help() : app->help(full_name(parent));
}

std::string usage_of(const CLI::App* app) {
  const auto help = help_of(app);
  const auto usage = help.find("Usage:");
  return usage == std::string::npos ? std::string{} : help.substr(usage, help.find('\n', usage) - usage);
}

/// CLI11 says that a subcommand is missing also when there is one that it does not know.
std::string sentence(const CLI::App* app, const CLI::ParseError& error) {
  const bool wants_command = !app->get_subcommands([](const CLI::App*) { return true; }).empty();
  const auto unknown = app->remaining();
  if (!wants_command || error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError)) return error.what();
  return unknown.empty() ? "a command is missing" : "there is no command \"" + unknown.front() + "\"";
}

}  // namespace

int run(const std::vector<std::string>& words, const std::vector<Command>& commands, const std::vector<Group>& groups,
        std::ostream& out, std::ostream& err) {
  CLI::App root{"Mailreeve, a mail border gateway", "mailreeve"};
  root.set_version_flag("--version", std::string{"mailreeve "} + MAILREEVE_VERSION, "Print the version and exit");
  root.require_subcommand(1);
  root.get_formatter()->label("SUBCOMMAND", "COMMAND");
  root.get_formatter()->label("Subcommands", "Commands");
  root.set_help_flag("--help,-h", "Print this help and exit");
  std::string config;
  root.add_option("--config,-c", config, "The settings file; may also stand behind the command")->type_name("FILE");
  for (const auto& group : groups) root.add_subcommand(group.name, group.about)->require_subcommand(1);
  std::list<Declared> all;
  for (const auto& command : commands) {
    auto& declared = all.emplace_back();
    std::string name;
    declared.command = &command;
    declared.app = home_of(root, command, name)->add_subcommand(name, command.about);
    for (const auto& parameter : command.parameters) declare_parameter(declared, parameter);
  }
  try {
    root.parse(std::vector<std::string>{words.rbegin(), words.rend()});  // CLI11 wants them backwards
  } catch (const CLI::CallForHelp&) {
    out << help_of(deepest(root));
    return exit_ok;
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << '\n';
    return exit_ok;
  } catch (const CLI::ParseError& error) {
    const auto* app = deepest(root);
    const auto name = full_name(app);
    err << name << ": " << sentence(app, error) << '\n' << usage_of(app) << "\nMore: " << name << " --help\n";
    return exit_usage;
  }
  for (const auto& declared : all) {
    if (!declared.app->parsed()) continue;
    try {
      return declared.command->run(declared.arguments(config), out, err);
    } catch (const std::exception& error) {
      err << "mailreeve: " << error.what() << '\n';
      return exit_failed;
    }
  }
  return exit_usage;
}

}  // namespace mailreeve::cli
