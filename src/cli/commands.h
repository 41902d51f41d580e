// SPDX-License-Identifier: Apache-2.0
// Every command, one file each; commands.cpp lists them.
#pragma once

#include "cli/command.h"

namespace mailreeve::cli {

Command serve_command();
Command config_check_command();
Command config_show_command();
Command reload_command();
Command queue_list_command();
Command queue_show_command();
Command queue_retry_command();
Command queue_hold_command();
Command queue_release_command();
Command queue_drop_command();
Command history_search_command();
Command history_show_command();
Command lookup_command();
Command spf_check_command();
Command dkim_verify_command();
Command dkim_sign_command();
Command arc_verify_command();
Command dmarc_check_command();
Command scan_command();
Command headers_command();
Command learn_spam_command();
Command learn_ham_command();
Command learn_forget_command();
Command learn_show_command();
Command checks_command();
Command user_add_command();
Command user_list_command();
Command user_passwd_command();
Command user_role_command();
Command user_disable_command();
Command user_enable_command();
Command user_remove_command();
Command user_setup_link_command();
Command token_add_command();
Command token_list_command();
Command token_revoke_command();
Command api_routes_command();
Command audit_command();
Command quarantine_list_command();
Command quarantine_show_command();
Command quarantine_release_command();
Command quarantine_delete_command();
Command quarantine_learn_command();
Command quarantine_forward_command();
Command quarantine_digest_command();

struct Group {
  std::string name;
  std::string about;
};

const std::vector<Command>& all_commands();
/// The first words of two-word commands.
const std::vector<Group>& all_groups();

}  // namespace mailreeve::cli
