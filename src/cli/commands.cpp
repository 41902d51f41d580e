// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace mailreeve::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands{
      serve_command(),
      config_check_command(),
      config_show_command(),
      reload_command(),
      queue_list_command(),
      queue_show_command(),
      queue_retry_command(),
      queue_hold_command(),
      queue_release_command(),
      queue_drop_command(),
      history_search_command(),
      history_show_command(),
      lookup_command(),
      spf_check_command(),
      dkim_verify_command(),
      dkim_sign_command(),
      arc_verify_command(),
      dmarc_check_command(),
      scan_command(),
      headers_command(),
      checks_command(),
      learn_spam_command(),
      learn_ham_command(),
      learn_forget_command(),
      learn_show_command(),
      user_add_command(),
      user_list_command(),
      user_passwd_command(),
      user_role_command(),
      user_disable_command(),
      user_enable_command(),
      user_remove_command(),
      user_setup_link_command(),
      token_add_command(),
      token_list_command(),
      token_revoke_command(),
      quarantine_list_command(),
      quarantine_show_command(),
      quarantine_release_command(),
      quarantine_delete_command(),
      quarantine_learn_command(),
      quarantine_forward_command(),
      quarantine_digest_command(),
      audit_command(),
      api_routes_command(),
  };
  return commands;
}

const std::vector<Group>& all_groups() {
  static const std::vector<Group> groups{
      {"config", "Check or show the settings"},
      {"queue", "Look at the queue and change what is in it"},
      {"quarantine", "Look at held mail, release or delete it"},
      {"history", "What became of connections and messages, and why"},
      {"learn", "Teach the statistics what spam and ham look like here"},
      {"user", "Who may sign in to the pages and the API"},
      {"token", "What programs call the API with"},
      {"api", "The API of the running gateway"},
      {"spf", "Check SPF"},
      {"dkim", "Verify and make DKIM signatures"},
      {"arc", "Verify ARC chains"},
      {"dmarc", "Check DMARC"},
  };
  return groups;
}

}  // namespace mailreeve::cli
