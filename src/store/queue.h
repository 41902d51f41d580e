// SPDX-License-Identifier: Apache-2.0
// The durable queue: messages we have answered for. Nothing here or above knows SQL, one process, or one machine.
//
// A message has one body and one row for each recipient. Recipients of one destination travel together; each has its
// own state. A queued recipient whose time has come is claimed with an owner and a lease; only the owner reports what
// became of it. `accept` and every change is durable when its Task ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/ip.h"
#include "base/task.h"
#include "mail/body.h"
#include "mail/envelope.h"

namespace mailreeve::store {

enum class RecipientState : std::uint8_t {
  queued,     // waits for its time, or is being delivered
  held,       // an operator said wait
  refused,    // refused for good after we had accepted it (handover.refused): kept, never bounced
  expired,    // given up after give-up time (handover.expired): kept
  delivered,  // done; the message goes when all its recipients are done
  dropped,    // an operator removed it
};
std::string_view name(RecipientState state);
std::optional<RecipientState> parse_recipient_state(std::string_view text);

/// What is kept of the session that brought the message, for people and for later checks.
struct Origin {
  IpAddress client;
  std::string helo;
  std::string listener;  // "mx", "submission"
};

struct QueuedRecipient {
  std::uint32_t number = 0;  // position in the envelope, from 0
  mail::EnvelopeRecipient envelope;
  std::string destination;  // what recipients are grouped by: a domain of ours, or the recipient's domain
  RecipientState state = RecipientState::queued;
  std::uint32_t attempts = 0;
  WallTime due;            // next attempt
  std::string last_reply;  // what the other side said last, or why we could not ask
  std::string owner;       // who is delivering it now; empty if nobody
};

/// A message as the queue knows it. `envelope.recipients` is empty: they are in `recipients`.
struct QueuedMessage {
  MessageId id;
  mail::Envelope envelope;
  Origin origin;
  std::uint64_t size = 0;  // octets
  std::array<std::uint8_t, 32> sha256{};
  WallTime accepted;
  std::vector<QueuedRecipient> recipients;
  bool damaged = false;  // the body did not match its size and SHA-256: set aside, never delivered
};

struct NewMessage {
  QueuedMessage message;  // due, state, owner and lease of each recipient as the caller wishes
  std::shared_ptr<const mail::Body> body;
  WallTime lease_until;  // for recipients that come with an owner
  bool once = false;     // taken no second time under its id, even when the first was delivered long ago
};

/// Some recipients of one message for one destination, claimed by one owner.
struct Claim {
  QueuedMessage message;  // recipients: the claimed ones only
  std::string destination;
};

/// What one attempt did to one recipient.
struct Change {
  MessageId id;
  std::uint32_t recipient = 0;
  RecipientState state = RecipientState::queued;
  bool count_attempt = true;
  WallTime due;  // when queued
  std::string reply;
};

struct Filter {
  std::optional<RecipientState> state = {};
  std::string destination = {};  // empty: any
  std::string sender = {};       // empty: any; compared without case
  std::string recipient = {};    // empty: any
  std::size_t limit = 100;
  std::optional<MessageId> after = {};  // paging: ids after this one
};

enum class AdminAction { retry, hold, release, drop };

struct Counts {
  std::uint64_t messages = 0;
  std::uint64_t queued = 0, held = 0, refused = 0, expired = 0;  // recipients
  std::uint64_t bytes = 0;                                       // bodies
  std::optional<WallTime> oldest;                                // queued
};

/// What waits for one destination.
struct DestinationSummary {
  std::string destination;
  std::uint64_t queued = 0, held = 0, refused = 0, expired = 0;  // recipients
  std::uint64_t active = 0;                                      // of `queued`: being delivered now
  std::uint64_t bytes = 0;                                       // of its messages
  std::optional<WallTime> oldest = {};                           // when the oldest message with a queued one came
  std::optional<WallTime> next = {};                             // when the next attempt is due
  std::string last_reply = {};                                   // of the youngest message that was tried
};

class Queue {
 public:
  virtual ~Queue() = default;

  /// Commits the message; idempotent by id. ErrorKind::full: no room (452); ErrorKind::io: the store failed (451).
  virtual Task<Result<void>> accept(NewMessage message) = 0;
  /// Destinations that have something due and unclaimed at `now`, at most `limit`.
  virtual Task<Result<std::vector<std::string>>> due_destinations(WallTime now, std::size_t limit) = 0;
  /// When the next unclaimed recipient becomes due; nothing when none is queued.
  virtual Task<Result<std::optional<WallTime>>> next_due() = 0;
  /// Takes up to `limit` messages of one destination, oldest due first.
  virtual Task<Result<std::vector<Claim>>> claim(std::string destination, std::string owner, WallTime now,
                                                 WallTime lease_until, std::size_t limit) = 0;
  /// Reports results and gives up the claim; a message without live or kept recipients is deleted with its body.
  /// A change whose recipient is no longer claimed by `owner` (taken over, or held by an operator) is ignored, except
  /// that `delivered` always wins.
  virtual Task<Result<void>> record(std::string owner, std::vector<Change> changes) = 0;
  /// Lengthens the leases of everything `owner` holds.
  virtual Task<Result<void>> renew(std::string owner, WallTime lease_until) = 0;
  /// Frees what was claimed by others whose lease ended before `now`.
  virtual Task<Result<std::uint64_t>> release_expired_leases(WallTime now) = 0;
  /// The stored bytes, checked against size and SHA-256 as they are read to the end. A mismatch marks it damaged.
  virtual Task<Result<std::shared_ptr<const mail::Body>>> body(MessageId id) = 0;

  /// By id, each with those of its recipients that match.
  virtual Task<Result<std::vector<QueuedMessage>>> list(Filter filter) = 0;
  virtual Task<Result<std::optional<QueuedMessage>>> show(MessageId id) = 0;
  /// For all recipients of `id`, or all that match the filter (its limit and `after` aside). Answers how many
  /// recipients changed. retry: due now, also for refused and expired ones. hold: queued -> held. release: held ->
  /// queued, due now. drop: anything -> dropped. One that is being delivered is changed when its delivery reports,
  /// unless delivered.
  virtual Task<Result<std::uint64_t>> change(AdminAction action, std::optional<MessageId> id, Filter filter,
                                             WallTime now) = 0;
  virtual Task<Result<Counts>> counts() = 0;
  /// Those with the most recipients first, at most `limit`. Goes through the whole queue: a second for a million.
  virtual Task<Result<std::vector<DestinationSummary>>> destinations(std::size_t limit) = 0;
};

}  // namespace mailreeve::store
