// SPDX-License-Identifier: Apache-2.0
// Every finding that can be made, by checks and beside them.
#pragma once

#include <span>

#include "judge/finding.h"

namespace mailreeve::judge {

/// The declaration of a finding; null for a code that the settings chose (a DNS list's).
const FindingKind* find_declared(std::string_view code);
/// Those that no check makes: rates, harvest, recipients' own lists.
std::span<const FindingKind> findings_beside_checks();

}  // namespace mailreeve::judge
