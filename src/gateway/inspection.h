// SPDX-License-Identifier: Apache-2.0
// What a session asks the judge, when, and what becomes of the answer. No SMTP syntax, no sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/message_digest.h"
#include "base/id.h"
#include "judge/examination.h"
#include "judge/greylist.h"
#include "judge/harvest.h"
#include "judge/rates.h"
#include "judge/rules.h"
#include "smtp/reply.h"
#include "store/wishes.h"

namespace mailreeve::gateway {

struct InspectionServices {
  judge::ExaminationServices examination;
  judge::Greylist& greylist;
  judge::Rates& rates;
  judge::Harvest& harvest;
  const store::Wishes* wishes = nullptr;  // null: nobody has any
};

/// A client that is not let in, or not any further.
struct Refusal {
  smtp::Reply reply;
  std::string decided_by;  // a finding's code
  std::string evidence;
};

struct RecipientOutcome {
  mail::Mailbox address;
  judge::Verdict verdict;                      // of its policy alone
  judge::Action action = judge::Action::none;  // what happens, with the others of the transaction considered
};

/// What is to be done with a message.
struct Judgement {
  std::optional<smtp::Reply> refusal;  // for all: rejected, or asked to come back
  bool disconnect = false;
  bool put_off = false;  // because it could not be examined
  std::vector<RecipientOutcome> recipients;
  judge::Findings findings;
  /// The recipient whose verdict stands for the transaction in log, reply and history: the harshest.
  const RecipientOutcome* harshest() const;
};

/// Of one session. Everything runs on the session's loop.
class Inspection {
 public:
  Inspection(const InspectionServices& services, Spawner& spawner, std::shared_ptr<const judge::Rules> rules,
             std::shared_ptr<judge::SessionFacts> session);

  /// May this client talk to us at all? Begins what can be asked of its address.
  Task<std::optional<Refusal>> admit(WallTime now);
  /// The checks of the connection, begun when it is known whether the client spoke too early.
  void begin();
  void hello(std::string_view name, bool extended);
  std::optional<Refusal> begin_transaction(mail::ReversePath sender);
  void end_transaction();
  /// An unknown recipient was named. The client may have named too many.
  Task<std::optional<Refusal>> unknown_recipient(WallTime now);
  /// Octets of the message as they come.
  void feed(std::string_view bytes);
  /// The whole message is here. `id`: the reference told to the sender.
  Task<Judgement> judge(MessageId id, std::vector<mail::Mailbox> recipients, unsigned refused,
                        std::shared_ptr<const mail::Body> body, WallTime now);

  const judge::SessionFacts& session() const { return *session_; }
  /// Of the transaction under way.
  const judge::Facts& facts() const { return transaction_->facts(); }
  const judge::Rules& rules() const { return *rules_; }
  bool header_too_big() const { return digest_ && digest_->header_too_big(); }
  const mail::Header* header() const;
  /// What was asked so far: for history.
  std::vector<const judge::Examination*> examinations() const;
  judge::Findings findings() const;
  /// Waits for what was begun: a client that left early still gets its place in history.
  Task<void> settle();

 private:
  bool is_only_observed(const judge::Facts& facts) const;
  std::shared_ptr<const store::Wish> wish_of(const mail::Mailbox& recipient) const;
  /// The recipient's choice, where it is permitted.
  const judge::Policy& policy_of(const mail::Mailbox& recipient, const std::shared_ptr<const store::Wish>& wish) const;
  Task<std::vector<judge::Verdict>> decide(const judge::Facts& facts, const judge::Findings& findings, WallTime now);
  std::unique_ptr<judge::Examination> examine(std::shared_ptr<judge::Facts> facts);

  const InspectionServices& services_;
  Spawner& spawner_;
  std::shared_ptr<const judge::Rules> rules_;
  std::shared_ptr<judge::SessionFacts> session_;
  std::unique_ptr<judge::Examination> connection_, greeting_, transaction_;
  std::shared_ptr<auth::MessageDigest> digest_;
};

}  // namespace mailreeve::gateway
