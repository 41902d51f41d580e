// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <cstdlib>

namespace mailreeve::cli {

std::vector<std::string> Arguments::values(std::string_view name) const {
  std::vector<std::string> all;
  const auto joined = value(name);
  if (!joined) return all;
  std::string_view rest{*joined};
  while (true) {
    const auto end = rest.find('\n');
    all.emplace_back(rest.substr(0, end));
    if (end == std::string_view::npos) return all;
    rest.remove_prefix(end + 1);
  }
}

Parameter config_parameter() {
  return {"--config", Parameter::Kind::value,
          "The settings file (else $MAILREEVE_CONFIG, else /etc/mailreeve/mailreeve.toml)", "FILE"};
}

Parameter settings_file_parameter() {
  return {"FILE", Parameter::Kind::optional_positional, "The settings file, the same as --config FILE"};
}

std::string config_path(const Arguments& arguments) {
  if (auto given = arguments.value("--config")) return *given;
  const char* named = std::getenv("MAILREEVE_CONFIG");
  return named != nullptr && *named != '\0' ? named : "/etc/mailreeve/mailreeve.toml";
}

}  // namespace mailreeve::cli
