// SPDX-License-Identifier: Apache-2.0
// What the quarantine commands share: their filters, asking page after page, and what people read.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/command.h"
#include "config/settings.h"
#include "net/http.h"

namespace mailreeve::cli {

/// --sender, --recipient, --subject, --finding, --text, --since, --until, --kind, --state.
std::vector<Parameter> held_filter_parameters();
/// Whether one of them was given; `but_recipient`: beside --recipient.
bool has_held_filter(const Arguments& arguments, bool but_recipient = false);
/// Those that were given, as the API's query.
Result<std::map<std::string, std::string>> held_filter_query(const Arguments& arguments);

/// A good answer's JSON, else why there is none.
Result<boost::json::value> ask_json(const config::Settings& settings, const net::HttpRequest& request);

/// The newest `limit` that match, page after page.
Result<boost::json::array> list_held_items(const config::Settings& settings, std::map<std::string, std::string> query,
                                           std::size_t limit);

/// A member's text as a terminal may show it; empty when there is none.
std::string text_in(const boost::json::object& object, std::string_view key);
/// Its texts, with commas between.
std::string texts_in(const boost::json::object& object, std::string_view key);

}  // namespace mailreeve::cli
