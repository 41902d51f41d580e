// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "cli/parse.h"

int main(int argc, char** argv) {
  using namespace mailreeve::cli;
  return run(std::vector<std::string>{argv + 1, argv + argc}, all_commands(), all_groups(), std::cout, std::cerr);
}
