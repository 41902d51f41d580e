// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/commands.h"
#include "cli/load_settings.h"

namespace mailreeve::cli {
namespace {

int run(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const auto settings = load_settings(arguments.value("FILE").value_or(config_path(arguments)), Remarks::errors, err);
  if (!settings) return exit_failed;
  out << config::show(*settings);
  return exit_ok;
}

}  // namespace

Command config_show_command() {
  return {"config show",
          "Print the settings in force, defaults filled in",
          {settings_file_parameter(), config_parameter()},
          run};
}

}  // namespace mailreeve::cli
