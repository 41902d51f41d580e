// SPDX-License-Identifier: Apache-2.0
// A message as the vault keeps it: what people look for when they decide about it.
#pragma once

#include "gateway/acceptance.h"
#include "judge/facts.h"
#include "judge/policy.h"
#include "mail/header.h"
#include "store/vault.h"

namespace mailreeve::gateway {

/// Everything but its id, body and recipients. `header` may be null.
store::NewHeld held_as(store::HeldKind kind, const judge::Verdict& verdict, const judge::Facts& facts,
                       const mail::Header* header);

/// `number`: its place in the envelope.
void add_recipient(store::NewHeld& item, std::size_t number, const AcceptedRecipient& recipient);

}  // namespace mailreeve::gateway
