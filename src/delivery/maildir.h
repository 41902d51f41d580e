// SPDX-License-Identifier: Apache-2.0
// Final delivery into a Maildir (cr.yp.to/proto/maildir.html): tmp, new, sync.
#pragma once

#include <string>
#include <string_view>

#include "base/files.h"
#include "delivery/target.h"
#include "mail/address.h"
#include "mail/body.h"

namespace mailreeve::delivery {

/// Writes `prepend` and the body, lines ending in LF as Maildirs have it, to new/<unique>; durable when it returns.
/// A message of that name that lies in new/ or cur/ already was delivered by an earlier attempt: success.
Result<void> deliver_to_maildir(Files& files, const std::string& path, const mail::Body& body, std::string_view unique,
                                std::string_view prepend);

/// The Maildir of a recipient: {user} is the local part without its +tag, in lower case; {domain}; {address}.
/// ErrorKind::invalid for a value that could leave the folder: "/", control characters, a leading dot, nothing.
Result<std::string> maildir_path(const Target& target, const mail::Mailbox& recipient);

}  // namespace mailreeve::delivery
