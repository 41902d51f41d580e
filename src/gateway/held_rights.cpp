// SPDX-License-Identifier: Apache-2.0
#include "gateway/held_rights.h"

#include <algorithm>

#include "judge/finding.h"
#include "mail/header.h"
#include "store/wishes.h"

namespace mailreeve::gateway {

bool recipient_may_release(const store::HeldMessage& message, const QuarantineOptions& options) {
  if (message.kind == store::HeldKind::refused) return false;
  const auto is_reserved = [&](std::string_view code) {
    return std::ranges::any_of(options.ask_only, [&](const std::string& rule) { return judge::covers(rule, code); });
  };
  return !is_reserved(message.decided_by) && std::ranges::none_of(message.findings, is_reserved);
}

std::string sender_address(const store::HeldMessage& message) {
  const auto list = mail::parse_address_list(message.from);
  if (!list.addresses.empty() && store::normal_entry(list.addresses.front().address)) {
    return list.addresses.front().address;
  }
  return message.envelope.sender ? message.envelope.sender->text() : std::string{};
}

std::string sender_to_block(const store::HeldMessage& message) {
  if (message.from_proven) return sender_address(message);
  return message.envelope.sender ? message.envelope.sender->text() : std::string{};
}

}  // namespace mailreeve::gateway
