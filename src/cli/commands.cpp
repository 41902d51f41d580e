// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace mailreeve::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands{
      serve_command(),         config_check_command(), config_show_command(), reload_command(),
      queue_list_command(),    queue_show_command(),   queue_retry_command(), queue_hold_command(),
      queue_release_command(), queue_drop_command(),
  };
  return commands;
}

const std::vector<Group>& all_groups() {
  static const std::vector<Group> groups{
      {"config", "Check or show the settings"},
      {"queue", "Look at the queue and change what is in it"},
  };
  return groups;
}

}  // namespace mailreeve::cli
