// SPDX-License-Identifier: Apache-2.0
// What commands that ask DNS share: --resolver, --zone, --json, reading a message, printing an error.
#pragma once

#include <iosfwd>
#include <memory>

#include "auth/message_digest.h"
#include "cli/command.h"
#include "dns/resolver.h"

namespace mailreeve::cli {

/// --resolver, --zone, --json and --config behind `own`.
std::vector<Parameter> with_dns_parameters(std::vector<Parameter> own);

/// As --zone or --resolver say, else as the settings file's [dns], else the system's resolvers.
Result<std::unique_ptr<dns::Resolver>> make_command_resolver(const Arguments& arguments);

/// An error for what is there and no ordinary file: a pipe or a device may never end.
Result<void> check_ordinary(const std::string& path);
/// A message file, or standard input for "-"; lines may end in LF alone, the answer's end in CRLF. At most 100 MiB.
Result<std::string> read_message_file(const std::string& path);
auth::MessageDigest digest_of(std::string_view message);

/// Prints "mailreeve: ..." and answers exit_failed.
int give_up(std::ostream& err, const Error& error);
/// `text` for a terminal: without control characters.
std::string shown(std::string_view text);
/// The same line by line.
std::string printable_lines(std::string_view text);

}  // namespace mailreeve::cli
