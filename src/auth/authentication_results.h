// SPDX-License-Identifier: Apache-2.0
// The field Authentication-Results (RFC 8601): writing ours, reading others', finding those that pretend to be ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "mail/header.h"

namespace mailreeve::auth {

struct AuthProperty {
  std::string type, name, value;  // smtp.mailfrom=x: "smtp", "mailfrom", "x"
};
struct AuthMethod {
  std::string method, result, reason;
  std::string comment;  // behind the result, for people; written in parentheses
  std::vector<AuthProperty> properties;
};
struct AuthenticationResults {
  std::string authserv_id;
  std::string version;              // empty if none was written
  std::vector<AuthMethod> methods;  // empty: "none"
};

/// A field's value, folds and comments allowed. Bounded: 64 KiB, 100 methods, 100 properties each.
Result<AuthenticationResults> parse_authentication_results(std::string_view value);
/// "Authentication-Results: ..." with final CRLF, folded; what needs quoting is quoted, nothing from outside can add a
/// field, a method or a comment.
std::string authentication_results_field(const AuthenticationResults& results);
/// Does this field claim to come from `authserv_id`? Read leniently: comments, case, folds, versions, quoting, U-labels
/// and broken rests do not save a forged one (RFC 8601 5).
bool claims_authserv_id(const mail::HeaderField& field, std::string_view authserv_id);

}  // namespace mailreeve::auth
