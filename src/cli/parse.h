// SPDX-License-Identifier: Apache-2.0
// The command line, read by CLI11, which stays in parse.cpp.
#pragma once

#include "cli/commands.h"

namespace mailreeve::cli {

/// Finds the command that `words` (without the program's name) mean and runs it. Help and the version go to `out` with
/// exit_ok; a wrong line gets one sentence and the usage on `err`, and exit_usage. A command that throws: exit_failed.
int run(const std::vector<std::string>& words, const std::vector<Command>& commands, const std::vector<Group>& groups,
        std::ostream& out, std::ostream& err);

}  // namespace mailreeve::cli
