// SPDX-License-Identifier: Apache-2.0
// Every key that a settings file may hold, and whether this version acts on it.
#pragma once

#include <span>
#include <string_view>

#include "config/node.h"
#include "config/problems.h"

namespace mailreeve::config {

struct KnownKey {
  enum class State {
    used,
    later,  // of the settings contract, accepted with a warning; what stands below it is not looked at
  };
  std::string_view path;  // dotted; `*` stands for a name that the operator chooses
  State state = State::used;
};

std::span<const KnownKey> known_keys();

/// Tells of every key that is not in the list (an error) or that nothing acts on yet (a warning).
void check_keys(const Node& document, Problems& problems);

}  // namespace mailreeve::config
