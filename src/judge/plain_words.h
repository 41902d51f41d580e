// SPDX-License-Identifier: Apache-2.0
// Why a message was held, for people who know nothing of mail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::judge {

/// "it looks like spam: its server is on a list of known senders of spam". `findings`: codes, the heaviest first.
std::string plain_reason(std::string_view decided_by, const std::vector<std::string>& findings);

}  // namespace mailreeve::judge
