// SPDX-License-Identifier: Apache-2.0
// `mailreeve scan --preview`: what a reviewer is shown of a held message.
#pragma once

#include <iosfwd>

#include "cli/command.h"

namespace mailreeve::cli {

int run_preview(const Arguments& arguments, std::ostream& out, std::ostream& err);

}  // namespace mailreeve::cli
