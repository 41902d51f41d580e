// SPDX-License-Identifier: Apache-2.0
// Reading what a request brings: a JSON object, and members of the kinds that routes ask for. What is not understood is
// refused; every error is the caller's and says what to write.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "net/http.h"

namespace mailreeve::web {

/// The body as an object that has no member but these.
Result<boost::json::object> read_object(const net::HttpRequest& request, std::span<const std::string_view> members);

/// Nothing when there is no such member; an error when it is no text, or longer than `limit` octets.
Result<std::optional<std::string>> text_member(const boost::json::object& object, std::string_view name,
                                               std::size_t limit = 1000);
Result<std::string> required_text(const boost::json::object& object, std::string_view name, std::size_t limit = 1000);
/// `ids`: 1 to 1000 different ones of messages.
Result<std::vector<MessageId>> ids_member(const boost::json::object& object);

/// ?text=&limit=&cursor=, and what else a route knows.
struct PageQuery {
  std::string text;
  std::size_t limit = 50;  // 1 to 200
  std::optional<MessageId> cursor;
  std::map<std::string, std::string> others;
};
Result<PageQuery> read_page_query(const net::HttpRequest& request, std::span<const std::string_view> others = {});

}  // namespace mailreeve::web
