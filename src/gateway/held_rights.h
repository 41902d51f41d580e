// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/options.h"
#include "store/vault.h"

namespace mailreeve::gateway {

/// May its recipient release this himself? Otherwise he may ask.
bool recipient_may_release(const store::HeldMessage& message, const QuarantineOptions& options);

/// Whom people mean by the sender: the address in the From shown, else the envelope's; empty where neither is one.
std::string sender_address(const store::HeldMessage& message);
/// Whom blocking its sender means: whom From names where that is proven, else the envelope sender, so that a forgery
/// gets nobody blocked whose name it only bears. Empty: nobody.
std::string sender_to_block(const store::HeldMessage& message);

}  // namespace mailreeve::gateway
