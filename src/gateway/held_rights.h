// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/options.h"
#include "store/vault.h"

namespace mailreeve::gateway {

/// May its recipient release this himself? Otherwise he may ask.
bool recipient_may_release(const store::HeldMessage& message, const QuarantineOptions& options);

/// Whom people mean by the sender: the address in the From shown, else the envelope's; empty where neither is one.
std::string sender_address(const store::HeldMessage& message);

}  // namespace mailreeve::gateway
