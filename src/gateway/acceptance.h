// SPDX-License-Identifier: Apache-2.0
// The moment of truth: a whole message is here, its sender waits for the answer to the final dot.
//
// Recipients whose domain hands over before accepting get their answer from the internal server now; the others, and
// those whose server cannot answer or says "later", are committed to the queue. `250` leaves only after the internal
// server's 250 or the store's sync; our own trouble is 451 or 452, never 5xx; a permanent refusal reaches the sender
// only when it is true of every recipient, else the refused ones are kept (design, "life of a message").
#pragma once

#include "delivery/runner.h"
#include "gateway/live.h"
#include "smtp/reply.h"
#include "store/history.h"
#include "store/vault.h"

namespace mailreeve::gateway {

constexpr std::size_t no_variant = SIZE_MAX;

struct AcceptedRecipient {
  mail::EnvelopeRecipient envelope;  // as it will be delivered: aliases already rewritten
  std::string destination;
  std::size_t variant = 0;  // of Arrival::variants, or no_variant
};

/// What some of the recipients get: as it came, marked, or held in quarantine.
struct Variant {
  MessageId id;  // in the queue or the vault
  std::shared_ptr<const mail::Body> body;
  std::shared_ptr<const store::NewHeld> held = {};  // not null: goes to the vault as this, recipients aside
};

/// A message that arrived whole.
struct Arrival {
  mail::Envelope envelope;  // without recipients
  std::vector<AcceptedRecipient> recipients;
  std::vector<Variant> variants;  // each has a recipient; the first one's id is told to the sender
  store::Origin origin;
  WallTime time;
};

struct AcceptanceServices {
  store::Queue& queue;
  store::Vault& vault;
  delivery::Runner& runner;
  const Clock& clock;
  Random& random;
  Logger& log;
  store::History& history;  // is told what the internal server said
};

struct Acceptance {
  smtp::Reply reply;
  std::vector<std::string> handover;  // for the log: "user@example.org: delivered 250 2.0.0 ok"
};

/// All variants into the vault.
Task<Result<void>> keep_all(store::Vault& vault, Arrival arrival, std::shared_ptr<const Live> live);

Task<Acceptance> accept_message(AcceptanceServices services, net::Loop& loop, std::shared_ptr<const Live> live,
                                Arrival arrival);

}  // namespace mailreeve::gateway
