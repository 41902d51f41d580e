// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace mailreeve::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands{
      serve_command(),         config_check_command(), config_show_command(),    reload_command(),
      queue_list_command(),    queue_show_command(),   queue_retry_command(),    queue_hold_command(),
      queue_release_command(), queue_drop_command(),   history_search_command(), history_show_command(),
      lookup_command(),        spf_check_command(),    dkim_verify_command(),    dkim_sign_command(),
      arc_verify_command(),    dmarc_check_command(),  scan_command(),           headers_command(),
      checks_command(),        learn_spam_command(),   learn_ham_command(),      learn_forget_command(),
      learn_show_command(),
  };
  return commands;
}

const std::vector<Group>& all_groups() {
  static const std::vector<Group> groups{
      {"config", "Check or show the settings"},
      {"queue", "Look at the queue and change what is in it"},
      {"history", "What became of connections and messages, and why"},
      {"learn", "Teach the statistics what spam and ham look like here"},
      {"spf", "Check SPF"},
      {"dkim", "Verify and make DKIM signatures"},
      {"arc", "Verify ARC chains"},
      {"dmarc", "Check DMARC"},
  };
  return groups;
}

}  // namespace mailreeve::cli
