// SPDX-License-Identifier: Apache-2.0
// What a recipient may do about mail held for him, on his page or by a link in a digest. Nothing here reaches anybody
// else's mail: whose it is, is looked up in the vault each time.
#pragma once

#include "gateway/link_token.h"
#include "web/quarantine_routes.h"

namespace mailreeve::web {

/// As the API says it; nothing for another word.
std::optional<gateway::LinkAction> parse_own_action(std::string_view name);

/// The message, with those of its recipients alone that are `owner`'s; nothing when there is none such. Somebody else's
/// mail and none at all read the same.
Task<Result<std::optional<store::HeldMessage>>> find_own(Call call, MessageId id, std::string owner);

/// Carries it out for `owner` alone, and records it.
Task<Result<HeldResult>> act_on_own(Call call, MessageId id, gateway::LinkAction action, std::string owner);

}  // namespace mailreeve::web
