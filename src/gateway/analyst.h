// SPDX-License-Identifier: Apache-2.0
// Sending a held message on to somebody who knows more.
#pragma once

#include "gateway/mailer.h"
#include "store/vault.h"

namespace mailreeve::gateway {

/// To one of our own people, in a ZIP with the password "infected", so that nobody opens it by mistake and no filter on
/// the way removes it. `note`: who sends it, and why. ErrorKind::refused: the address is not one of ours.
Task<Result<void>> forward_held(store::Vault& vault, Mailer& mailer, MessageId id, mail::Mailbox to, std::string note);

}  // namespace mailreeve::gateway
