// SPDX-License-Identifier: Apache-2.0
// What the queue commands share: their filters, and asking.
#pragma once

#include <functional>
#include <iosfwd>

#include "cli/command.h"
#include "net/http.h"

namespace mailreeve::cli {

/// --state, --destination, --sender, --recipient.
std::vector<Parameter> filter_parameters();
/// Those of them that were given, as the API's query.
std::map<std::string, std::string> filter_query(const Arguments& arguments);

/// Loads the settings, asks, and gives a good answer's body to `show`; else says on `err` why not, exit_failed.
int ask_and_show(const Arguments& arguments, const net::HttpRequest& request, std::ostream& err,
                 const std::function<int(const std::string& body)>& show);

}  // namespace mailreeve::cli
