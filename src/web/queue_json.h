// SPDX-License-Identifier: Apache-2.0
// A queued message as people and programs outside see it. The names of the JSON form are a promise:
//
//   id, accepted, size, sha256, sender (null: <>), client, helo, listener, damaged,
//   recipients: [{number, address, destination, state, attempts, due (queued ones), reply, owner}]
//
// Times are RFC 3339 in UTC, sizes are octets.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/queue.h"

namespace mailreeve::web {

struct QueueEntry {
  struct Recipient {
    std::uint32_t number = 0;
    std::string address;
    std::string destination;
    std::string state;
    std::uint32_t attempts = 0;
    std::optional<WallTime> due;  // next attempt, when there will be one
    std::string reply;
    std::string owner;
    bool operator==(const Recipient&) const = default;
  };
  std::string id;
  WallTime accepted;
  std::uint64_t size = 0;
  std::string sha256;
  std::optional<std::string> sender;  // nothing: the null reverse-path
  std::string client;
  std::string helo;
  std::string listener;
  bool damaged = false;
  std::vector<Recipient> recipients;
  bool operator==(const QueueEntry&) const = default;
};

QueueEntry to_entry(const store::QueuedMessage& message);
boost::json::value to_json(const QueueEntry& entry);

/// One page of the queue; `next` is what to ask with as `after`, empty on the last page.
struct QueuePage {
  std::vector<QueueEntry> messages;
  std::string next;
};
boost::json::value to_json(const QueuePage& page);

/// Read what the functions above wrote. ErrorKind::invalid when it is something else.
Result<QueueEntry> parse_queue_entry(std::string_view text);
Result<QueuePage> parse_queue_page(std::string_view text);

}  // namespace mailreeve::web
