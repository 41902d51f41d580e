// SPDX-License-Identifier: Apache-2.0
// Greylisting (RFC 6647): who is doubtful is asked to come back, once. Honest servers do.
#pragma once

#include "judge/checks/options.h"
#include "judge/facts.h"
#include "store/marks.h"

namespace mailreeve::judge {

/// The /24 or /64 of an address, by its first address.
std::string network_of(const IpAddress& client);

/// The mark of "let this sender in for this recipient". Null senders are told apart by their client's network.
std::string let_in_key(std::string_view sender, std::string_view recipient, const IpAddress& client);
constexpr auto let_in_time = std::chrono::hours{24 * 7};

class Greylist {
 public:
  explicit Greylist(store::Marks& marks) : marks_{marks} {}
  struct Answer {
    bool passes = false;
    std::chrono::seconds wait{0};  // how long still, when it does not
  };
  /// Who the sender is, is taken from what proves most: a domain that SPF or DKIM proves, else the client's confirmed
  /// name's registrable domain (so that a big sender's many machines are one), else its network (/24, /64). It passes
  /// for a recipient after `delay`, within `retry_within`; from then on for all recipients, for `remember` after each
  /// use.
  /// Whoever was let in by hand passes for that recipient.
  Task<Answer> ask(const Facts& facts, const mail::Mailbox& recipient, const GreylistOptions& options, WallTime now);

 private:
  store::Marks& marks_;
};

}  // namespace mailreeve::judge
