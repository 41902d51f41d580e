// SPDX-License-Identifier: Apache-2.0
#include "cli/load_settings.h"

#include <ostream>

namespace mailreeve::cli {

std::shared_ptr<const config::Settings> load_settings(const std::string& path, Remarks remarks, std::ostream& err) {
  const auto loaded = config::load_file(path);
  for (const auto& problem : loaded.problems) {
    const bool is_error = problem.severity == config::Problem::Severity::error;
    if (is_error || remarks == Remarks::all) err << problem.format(path) << '\n';
  }
  return loaded.settings;
}

}  // namespace mailreeve::cli
