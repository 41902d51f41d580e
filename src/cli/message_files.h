// SPDX-License-Identifier: Apache-2.0
// Messages as commands are given them: single files, directories of them, Maildirs, mboxes.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mailreeve::cli {

/// Of one message; an mbox of them may be of any size.
constexpr std::size_t message_limit = 100U << 20;

/// Whether a single message was meant: one path, which is no directory.
bool is_one_file(const std::vector<std::string>& paths);

/// `name` says where a message stands ("box:3"), `message` has lines ending in CRLF.
using TakeMessage = std::function<void(const std::string& name, std::string_view message, bool of_mbox)>;
/// Hears of what cannot be read; the others go on.
using TellError = std::function<void(const Error& error)>;
/// Hears of what was left out: "folders not entered: ...".
using TellRemark = std::function<void(const std::string& remark)>;

/// Called for each message in turn. Of a Maildir `cur` and `new` are read, of other directories the files in them;
/// hidden files are left out, and folders are not entered. What is no ordinary file (a pipe, a device) is an error.
void for_each_message(const std::vector<std::string>& paths, const TakeMessage& take, const TellError& failed,
                      const TellRemark& remark);

/// The same for one file that is open. In an mbox each message stands behind a line "From ..." that follows an empty
/// one (RFC 4155), with ">From " quoting undone; one larger than `limit` octets is left out.
void for_each_message_in(std::istream& file, const std::string& name, const TakeMessage& take, const TellError& failed,
                         std::size_t limit = message_limit);

}  // namespace mailreeve::cli
