// SPDX-License-Identifier: Apache-2.0
// What an examined message bears when it goes on: our results above it, forged ones of ours gone, a marked subject.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/authentication_results.h"
#include "judge/facts.h"
#include "judge/policy.h"
#include "mail/composed_body.h"

namespace mailreeve::gateway {

/// Authentication-Results and Received-SPF (RFC 8601, RFC 7208 9.1), each with its final CRLF.
std::string authentication_fields(const judge::Facts& facts, const std::string& host_name);
auth::AuthenticationResults authentication_results(const judge::Facts& facts, const std::string& host_name);

/// "X-Mailreeve: id=...; action=tag; score=6.5; policy=balanced; spf.softfail=1.5; ..." and, for tagged mail,
/// "X-Spam-Flag: YES".
std::string verdict_fields(std::string_view id, const judge::Verdict& verdict, judge::Action outcome);

/// Fields that only we may have written: Authentication-Results in our name (RFC 8601 5), X-Mailreeve,
/// X-Mailreeve-Released, X-Spam-Flag.
std::vector<mail::Edit> forged_fields(const mail::Header& header, const std::string& host_name);

/// Adds the mark to the subject, unless it stands there already; without a Subject field, the field to put above.
void mark_subject(const mail::Header& header, const std::string& prefix, std::vector<mail::Edit>& edits,
                  std::string& above);

}  // namespace mailreeve::gateway
