// SPDX-License-Identifier: Apache-2.0
// Private to auth/: a chain's sets as they stand in the header.
#pragma once

#include <memory>
#include <vector>

#include "auth/arc.h"
#include "auth/message_digest_impl.h"

namespace mailreeve::auth {

struct ArcFields {
  const Signature* message = nullptr;
  std::unique_ptr<Signature> seal;
  const mail::HeaderField* results = nullptr;
  std::string results_text;
};

struct ArcChain {
  bool any = false;     // there is an ARC field at all
  std::string problem;  // of structure; empty when every set is complete and says what it must
  std::vector<ArcFields> sets;
};

ArcChain read_chain(const MessageDigest& message);

/// What the seal of set `count` signs: all sets up to it in order, its own seal without b= last (RFC 8617 5.1.1).
std::string seal_input(const ArcChain& chain, std::size_t count);

}  // namespace mailreeve::auth
