// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "cell/cell.h"
#include "cli/parse.h"

int main(int argc, char** argv) {
  using namespace mailreeve::cli;
  // Before anything else is set up: a scanner process shall hold nothing that it does not need.
  if (argc == 2 && mailreeve::cell::command == argv[1]) return mailreeve::cell::run_cell();
  return run(std::vector<std::string>{argv + 1, argv + argc}, all_commands(), all_groups(), std::cout, std::cerr);
}
