// SPDX-License-Identifier: Apache-2.0
// What the sender is told: short, with the deciding rule first, a reference and somebody to ask.
#pragma once

#include <string>
#include <string_view>

#include "judge/facts.h"
#include "judge/policy.h"

namespace mailreeve::judge {

struct ReplyText {
  int code = 550;
  std::string enhanced;  // "5.7.23" (RFC 3463, RFC 7372)
  std::string text;      // US-ASCII, one line, at most 400 octets
};

/// For reject, disconnect and greylist. What nobody could find out (`*.temperror`) is a 4xx whatever the policy says.
ReplyText reply_for(const Verdict& verdict, Action action, std::string_view reference, std::string_view contact);

/// 451: something that must look at every message could not.
ReplyText unexamined_reply(const Facts::Unexamined& unexamined, std::string_view reference, std::string_view contact);

}  // namespace mailreeve::judge
