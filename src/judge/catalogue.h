// SPDX-License-Identifier: Apache-2.0
// Every check and finding, for people and programs: `mailreeve checks`, docs/checks.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "judge/finding.h"

namespace mailreeve::judge {

/// The whole of docs/checks.md.
std::string checks_as_markdown();
/// {"checks": [...], "beside": [...]}; `only`: these checks, and what no check makes left out.
std::string checks_as_json(const std::vector<const CheckInfo*>& only);
std::string checks_as_json();
/// "+3.0", "0", "-0.2"; "as set" where the settings choose the code.
std::string weight_text(const FindingKind& kind);

}  // namespace mailreeve::judge
