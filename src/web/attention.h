// SPDX-License-Identifier: Apache-2.0
// What needs a person now: rules in one table over what the overview knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/health.h"
#include "store/queue.h"
#include "store/vault.h"

namespace mailreeve::web {

struct AttentionFacts {
  WallTime now;
  store::Counts queue;
  store::HeldCounts quarantine;
  std::uint64_t quarantine_limit = 0;  // octets; 0: none
  std::vector<HealthEntry> health;
  std::optional<WallTime> certificate_end = {};
  bool needs_setup = false;    // no account exists
  bool queue_unknown = false;  // the store cannot be asked
  bool history_unknown = false;
};

struct Attention {
  std::string_view severity;  // error, warning, info
  std::string_view code;
  std::string text;
  std::string_view page;  // where to act on it
};

/// The gravest first.
std::vector<Attention> attention(const AttentionFacts& facts);

}  // namespace mailreeve::web
