// SPDX-License-Identifier: Apache-2.0
// Between rows and the values of store/queue.h.
#pragma once

#include <cstdint>
#include <optional>

#include "store/queue.h"
#include "store/sqlite/database.h"

namespace mailreeve::store::sqlite {

/// What an operator asked for while a recipient was being delivered; honoured when the delivery reports.
enum class Wish : std::uint8_t { none, hold, drop, retry };

/// The columns that `read_message` reads, in its order, for a SELECT; all but the body.
#define MAILREEVE_MESSAGE_COLUMNS \
  "key,id,sender,client,helo,listener,body_type,smtputf8,ret,envid,size,sha256,accepted,damaged"
#define MAILREEVE_RECIPIENT_COLUMNS "number,address,notify,orcpt,destination,state,attempts,due,reply,owner"

/// Nothing when the row cannot be understood: the file was changed or damaged.
std::optional<QueuedMessage> read_message(Statement& row);
std::optional<QueuedRecipient> read_recipient(Statement& row);

std::int64_t encode_notify(const mail::Notify& notify);

}  // namespace mailreeve::store::sqlite
