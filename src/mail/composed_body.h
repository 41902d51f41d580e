// SPDX-License-Identifier: Apache-2.0
// A message with fields put above it, some of its own fields left out, and its subject marked: without copying a large
// body.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mail/body.h"

namespace mailreeve::mail {

/// At `offset` of the message `removed` octets are left out and `inserted` stands there instead.
struct Edit {
  std::uint64_t offset = 0;
  std::uint64_t removed = 0;
  std::string inserted;
};

/// `edits` in ascending order, not overlapping. Small messages are copied into one piece, larger ones read through.
Result<std::shared_ptr<const Body>> compose(std::string prefix, std::shared_ptr<const Body> message,
                                            std::vector<Edit> edits);

}  // namespace mailreeve::mail
