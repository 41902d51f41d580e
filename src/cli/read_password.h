// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"
#include "cli/command.h"

namespace mailreeve::cli {

Parameter password_parameter();  // --password-stdin

/// Asked for at the terminal, twice and unseen; with --password-stdin the first line of standard input.
Result<std::string> read_new_password(const Arguments& arguments);

}  // namespace mailreeve::cli
