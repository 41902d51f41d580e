// SPDX-License-Identifier: Apache-2.0
// Messages as commands are given them: single files, directories of them, Maildirs, mboxes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mailreeve::cli {

/// Whether a single message was meant: one path, which is no directory.
bool is_one_file(const std::vector<std::string>& paths);

/// Called for each message in turn: `name` says where it stands ("box:3"), `message` has lines ending in CRLF. Of a
/// Maildir `cur` and `new` are read, of other directories the files in them; hidden files are left out.
/// `failed` hears of what cannot be read; the others go on.
void for_each_message(const std::vector<std::string>& paths,
                      const std::function<void(const std::string& name, std::string_view message, bool of_mbox)>& take,
                      const std::function<void(const Error& error)>& failed);

/// The messages of an mbox, each behind a line "From ..." that follows an empty one (RFC 4155), with ">From " quoting
/// undone; empty when it is none.
std::vector<std::string> mbox_messages(std::string_view text);

}  // namespace mailreeve::cli
