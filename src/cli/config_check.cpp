// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <ostream>

#include "cli/commands.h"
#include "cli/load_settings.h"

namespace mailreeve::cli {
namespace {

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto path = arguments.value("FILE").value_or(config_path(arguments));
  const auto settings = load_settings(path, Remarks::all, err);
  if (!settings) return exit_failed;
  out << fmt::format("{}: OK, {}, {}\n", path, counted(settings->domain_recipients.size(), "domain"),
                     counted(settings->gateway.listeners.size(), "mail listener"));
  return exit_ok;
}

}  // namespace

Command config_check_command() {
  return {"config check",
          "Say everything that is wrong with the settings",
          {settings_file_parameter(), config_parameter()},
          run};
}

}  // namespace mailreeve::cli
