// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/rows.h"

#include <algorithm>

namespace mailreeve::store::sqlite {

namespace {

enum NotifyBit : std::int64_t { is_set = 1, never = 2, success = 4, failure = 8, delay = 16 };

mail::Notify decode_notify(std::int64_t bits) {
  return {.set = (bits & is_set) != 0,
          .never = (bits & never) != 0,
          .success = (bits & success) != 0,
          .failure = (bits & failure) != 0,
          .delay = (bits & delay) != 0};
}

}  // namespace

std::int64_t encode_notify(const mail::Notify& notify) {
  return (notify.set ? is_set : 0) | (notify.never ? never : 0) | (notify.success ? success : 0) |
         (notify.failure ? failure : 0) | (notify.delay ? delay : 0);
}

std::optional<QueuedMessage> read_message(Statement& row) {
  QueuedMessage message;
  const auto id = MessageId::from_bytes(row.bytes(1));
  if (!id) return std::nullopt;
  message.id = *id;
  if (!row.is_null(2)) {
    auto sender = mail::Mailbox::parse(row.bytes(2), mail::Utf8::allow);
    if (!sender) return std::nullopt;
    message.envelope.sender = std::move(*sender);
  }
  const auto client = row.bytes(3);
  if (client.size() != 4 && client.size() != 16) return std::nullopt;
  message.origin.client = IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(client.data()), client.size());
  message.origin.helo = row.bytes(4);
  message.origin.listener = row.bytes(5);
  message.envelope.body_type = static_cast<mail::BodyType>(row.integer(6));
  message.envelope.smtputf8 = row.integer(7) != 0;
  message.envelope.ret = static_cast<mail::Ret>(row.integer(8));
  message.envelope.envid = row.bytes(9);
  message.size = static_cast<std::uint64_t>(row.integer(10));
  const auto digest = row.bytes(11);
  if (digest.size() != message.sha256.size()) return std::nullopt;
  std::ranges::transform(digest, message.sha256.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  message.accepted = from_millis(row.integer(12));
  message.damaged = row.integer(13) != 0;
  return message;
}

std::optional<QueuedRecipient> read_recipient(Statement& row) {
  QueuedRecipient recipient;
  recipient.number = static_cast<std::uint32_t>(row.integer(0));
  auto address = mail::Mailbox::parse(row.bytes(1), mail::Utf8::allow);
  if (!address) return std::nullopt;
  recipient.envelope.address = std::move(*address);
  recipient.envelope.notify = decode_notify(row.integer(2));
  recipient.envelope.orcpt = row.bytes(3);
  recipient.destination = row.bytes(4);
  const auto state = row.integer(5);
  if (state < 0 || state > static_cast<int>(RecipientState::dropped)) return std::nullopt;
  recipient.state = static_cast<RecipientState>(state);
  recipient.attempts = static_cast<std::uint32_t>(row.integer(6));
  recipient.due = from_millis(row.integer(7));
  recipient.last_reply = row.bytes(8);
  recipient.owner = row.bytes(9);
  return recipient;
}

}  // namespace mailreeve::store::sqlite
