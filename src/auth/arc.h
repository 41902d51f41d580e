// SPDX-License-Identifier: Apache-2.0
// ARC (RFC 8617): what did those who handled this message before us find, and has nobody changed their words?
#pragma once

#include "auth/dkim.h"

namespace mailreeve::auth {

enum class ArcResult : std::uint8_t { none, pass, fail, temperror };
std::string_view name(ArcResult result);

struct ArcSet {
  unsigned instance = 0;
  std::string sealer;    // d= of the seal
  std::string selector;  // of the seal
  std::string algorithm;
  std::string cv;       // "none", "pass", "fail" as the sealer claimed
  std::string results;  // the ARC-Authentication-Results value behind "i=N;", unfolded
  DkimResult seal = DkimResult::none, message = DkimResult::none;  // message: only the newest must hold
  std::string reason;
};

struct ArcOutcome {
  ArcResult result = ArcResult::none;
  std::string reason;        // of fail
  std::vector<ArcSet> sets;  // by instance
  unsigned oldest_pass = 0;  // RFC 8617 5.2: the oldest instance whose message signature holds; 0 for all
};

Task<ArcOutcome> verify_arc(const MessageDigest& message, dns::Resolver& resolver, WallTime now,
                            DkimOptions options = {});

struct ArcSealOptions {
  std::string domain, selector;
  std::string authserv_id;
  std::vector<std::string> fields;  // h= of the message signature
  std::string canonicalization = "relaxed/relaxed";
  std::optional<WallTime> signed_at;
  std::string results;  // the Authentication-Results value to freeze, without authserv-id; see suites
};
/// The three fields, newest set, as they stand above the message: seal, message signature, authentication results.
Result<std::string> seal_arc(std::string_view message, ArcResult chain, const SigningKey& key,
                             const ArcSealOptions& options);

}  // namespace mailreeve::auth
