// SPDX-License-Identifier: Apache-2.0
// What a route's handler is given, and the answers all of them share.
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"
#include "web/caller.h"
#include "web/identity.h"
#include "web/services.h"

namespace mailreeve::web {

struct Call {
  std::shared_ptr<const Services> services;
  net::HttpRequest request;
  std::string argument;                   // what stood for the {name} of the pattern
  Identity identity;                      // who asks; its scopes were compared with what the route needs
  Origin origin;                          // from where
  std::optional<store::Session> session;  // when it came with the cookie of one
};

/// Notes in the audit log who did this: `object` a message or a user, `detail` what else is worth knowing, no secrets.
Task<Result<void>> record(const Call& call, std::string action, std::string object, std::string detail = {});
/// The same for many objects at once: what stands in `entries` but time, who and from.
Task<Result<void>> record(const Call& call, std::vector<store::AuditEntry> entries);

/// JSON is UTF-8 (RFC 8259 8.1), but replies of other servers may hold any octet: what is above ASCII and not UTF-8
/// would make the whole answer unreadable.
std::string readable(std::string_view text);
net::HttpResponse json(const boost::json::value& value, int status = 200);
/// The body as a JSON object. ErrorKind::invalid says what is wrong.
Result<boost::json::object> read_object(const net::HttpRequest& request);
/// A text of that name in it; nothing when it is missing or no text.
std::optional<std::string> text_in(const boost::json::object& object, std::string_view key);
/// RFC 9457: `title` names the kind, `detail` says what to do.
net::HttpResponse problem(int status, std::string_view title, std::string_view detail);
/// A failure of the store or another service: 503; 404 when the thing does not exist, 400 when the request is wrong,
/// 409 when it is refused.
net::HttpResponse problem(const Error& error);
/// For strangers: of our own trouble they hear that there is some, not which file it is about.
net::HttpResponse without_details(net::HttpResponse response);

}  // namespace mailreeve::web
