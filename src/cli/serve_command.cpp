// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/serve.h"

namespace mailreeve::cli {
namespace {

int run(const Arguments& arguments, std::ostream&, std::ostream& err) { return serve(config_path(arguments), err); }

}  // namespace

Command serve_command() { return {"serve", "Run the gateway until it is told to stop", {config_parameter()}, run}; }

}  // namespace mailreeve::cli
