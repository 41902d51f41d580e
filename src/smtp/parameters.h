// SPDX-License-Identifier: Apache-2.0
// Parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), RET ENVID NOTIFY ORCPT (RFC
// 3461).
#pragma once

#include "smtp/command_line.h"

namespace mailreeve::smtp {

/// What stands after the path. Nothing, or the reply: 555 5.5.4 for an unknown parameter, 501 5.5.4 for a bad value or
/// one given twice.
std::optional<Reply> parse_mail_parameters(std::string_view text, MailArguments& into);
std::optional<Reply> parse_rcpt_parameters(std::string_view text, mail::Utf8 utf8, RcptArguments& into);

}  // namespace mailreeve::smtp
