// SPDX-License-Identifier: Apache-2.0
// The quarantine: messages held for people to decide about, and copies of refused ones where a policy keeps them.
//
// A message has one body and one row for each recipient, with a state of its own. Releasing takes three steps, so that
// a crash at any point delivers exactly once: begin_release names the release by an id of its own; the queue accepts a
// message under that id once, however often it is offered (NewMessage::once); end_release says that it did. What a
// crash left between the steps, unfinished_releases tells.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/queue.h"

namespace mailreeve::store {

enum class HeldKind : std::uint8_t {
  held,     // the sender was told 250: this is the only copy
  refused,  // the sender was told 5xx: this is a copy
};
std::string_view name(HeldKind kind);
std::optional<HeldKind> parse_held_kind(std::string_view text);

enum class HeldState : std::uint8_t {
  waiting,    // for somebody to decide
  asked,      // its recipient asks for release
  releasing,  // on its way to the queue
  released,
  deleted,
};
std::string_view name(HeldState state);
std::optional<HeldState> parse_held_state(std::string_view text);
/// Nobody has decided yet.
inline bool is_open(HeldState state) { return state <= HeldState::asked; }

struct HeldRecipient {
  std::uint32_t number = 0;  // position in the envelope, from 0
  mail::EnvelopeRecipient envelope;
  std::string destination;  // as QueuedRecipient::destination
  HeldState state = HeldState::waiting;
  WallTime changed;  // when it left `waiting`
  std::string by;    // who changed it
};

/// `envelope.recipients` is empty: they are in `recipients`.
struct HeldMessage {
  MessageId id;
  MessageId transaction;  // its record in history
  WallTime time;          // arrival
  HeldKind kind = HeldKind::held;
  mail::Envelope envelope;
  Origin origin;
  std::uint64_t size = 0;  // octets
  std::array<std::uint8_t, 32> sha256{};
  std::vector<HeldRecipient> recipients;
  std::string from;          // as shown to people, decoded
  bool from_proven = false;  // SPF or DKIM proves its domain
  std::string subject;
  std::string policy;
  std::string decided_by;  // a finding's code, or "score"
  std::string why;         // one sentence
  double score = 0;
  std::vector<std::string> findings;     // codes, heaviest first
  std::vector<std::string> attachments;  // names, or types of nameless ones
  bool has_body = true;                  // deleted for everybody: its body is gone
  bool damaged = false;                  // the body did not match its size and SHA-256
};

struct NewHeld {
  HeldMessage message;
  std::shared_ptr<const mail::Body> body;
  std::string text;            // what people read in it, for searching; at most 16 KiB of it is kept
  std::uint64_t max_size = 0;  // octets of all bodies; 0: no limit
};

/// Is there anything to look for in what somebody typed?
bool has_word(std::string_view typed);

struct HeldFilter {
  std::string text = {};                           // words anywhere; the last may be a beginning
  std::string sender = {}, to = {}, subject = {};  // words or whole addresses; `sender` also finds the shown From
  std::string finding = {};                        // a code or one above it
  std::string recipient = {};                      // whose mail: what owner_key makes of the address
  std::optional<HeldKind> kind = {};
  std::vector<HeldState> states = {};  // of a recipient (of `recipient`, where that is set); empty: any
  std::optional<WallTime> since = {}, until = {};
  std::optional<MessageId> before = {};  // paging: older than this one
  std::size_t limit = 100;               // at most 1000
};

/// A release under way: what is to be offered to the queue.
struct Release {
  MessageId id;         // under which the queue takes it
  HeldMessage message;  // recipients: the released ones only
  std::string by;
};

struct HeldCounts {
  std::uint64_t held = 0, refused = 0;  // messages with a recipient that waits or asks
  std::uint64_t asked = 0;              // recipients that ask
  std::uint64_t bytes = 0;              // bodies
};

class Vault {
 public:
  virtual ~Vault() = default;

  /// Commits the message; idempotent by id. Where `max_size` would be passed, copies of refused mail make room, the
  /// oldest first. ErrorKind::full: no room all the same; ErrorKind::io: the store failed.
  virtual Task<Result<void>> keep(NewHeld message) = 0;
  /// Newest first, each with all its recipients.
  virtual Task<Result<std::vector<HeldMessage>>> search(HeldFilter filter) = 0;
  virtual Task<Result<std::optional<HeldMessage>>> show(MessageId id) = 0;
  /// The message of a transaction of history, if one was held.
  virtual Task<Result<std::optional<MessageId>>> of_transaction(MessageId transaction) = 0;
  /// Checked against size and SHA-256 as it is read to the end. ErrorKind::not_found: there is none (any more).
  virtual Task<Result<std::shared_ptr<const mail::Body>>> body(MessageId id) = 0;

  /// Recipients by number; empty: all. Only those that wait or ask are changed. Answers how many were.
  /// `state`: waiting (a request is declined), asked, or deleted.
  virtual Task<Result<std::uint64_t>> change(MessageId id, std::vector<std::uint32_t> recipients, HeldState state,
                                             std::string by, WallTime now) = 0;
  /// Nothing when no recipient was left to release.
  virtual Task<Result<std::optional<Release>>> begin_release(MessageId id, std::vector<std::uint32_t> recipients,
                                                             MessageId release, std::string by, WallTime now) = 0;
  virtual Task<Result<void>> end_release(MessageId release, WallTime now) = 0;
  /// Not taken by the queue: everything is as before.
  virtual Task<Result<void>> cancel_release(MessageId release) = 0;
  virtual Task<Result<std::vector<Release>>> unfinished_releases() = 0;

  /// Deletes what arrived before; in steps, so that keeping goes on. Answers how many.
  virtual Task<Result<std::uint64_t>> expire(WallTime before) = 0;
  /// Gives the room of what was deleted back to the file system; in steps.
  virtual Task<Result<void>> shrink() = 0;
  /// From memory.
  virtual HeldCounts counts() const = 0;
  /// How often each finding stood on mail released since then.
  virtual Task<Result<std::vector<std::pair<std::string, std::uint64_t>>>> released_findings(WallTime since) = 0;
};

}  // namespace mailreeve::store
