// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <cstdlib>

namespace mailreeve::cli {

Parameter config_parameter() {
  return {"--config", Parameter::Kind::value,
          "The settings file (else $MAILREEVE_CONFIG, else /etc/mailreeve/mailreeve.toml)", "FILE"};
}

std::string config_path(const Arguments& arguments) {
  if (auto given = arguments.value("--config")) return *given;
  const char* named = std::getenv("MAILREEVE_CONFIG");
  return named != nullptr && *named != '\0' ? named : "/etc/mailreeve/mailreeve.toml";
}

}  // namespace mailreeve::cli
