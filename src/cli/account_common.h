// SPDX-License-Identifier: Apache-2.0
// What the commands for accounts and tokens share.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <iosfwd>

#include "cli/command.h"

namespace mailreeve::cli {

/// Asks the running gateway, or the files where none runs; gives a good answer to `show`. Else says on `err` why not,
/// exit_failed. `body` may be null: none.
int ask_accounts(const Arguments& arguments, std::string method, std::string path, const boost::json::value& body,
                 std::ostream& err, const std::function<int(const boost::json::value& answer)>& show);

/// "2026-11-21T10:00:00.123Z" -> "2026-11-21 10:00", "-" for null.
std::string time_cell(const boost::json::value& time);

/// Can it stand in a path?
bool is_path_word(std::string_view word);

}  // namespace mailreeve::cli
