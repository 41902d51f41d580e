// SPDX-License-Identifier: Apache-2.0
// What people decide about mail in quarantine, carried out: releasing, deleting, teaching.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "delivery/runner.h"
#include "gateway/live.h"
#include "gateway/teacher.h"
#include "judge/virus.h"
#include "store/vault.h"

namespace mailreeve::gateway {

struct CustodianServices {
  net::LoopGroup& loops;
  store::Vault& vault;
  store::Queue& queue;
  delivery::Runner& runner;
  Teacher& teacher;
  judge::VirusScanner& virus;
  const Current<Live>& live;
  const Clock& clock;
  Random& random;
  Logger& log;
};

/// Who decides for whom. `by` stands in the vault.
struct Decision {
  MessageId id;
  std::vector<mail::Mailbox> recipients = {};  // of the message, whatever their +tag; empty: all of them
  std::string by;
};

/// On the first loop, where the web listeners are. Answers are how many recipients changed: 0 when somebody was faster.
/// ErrorKind::not_found: there is no such message, or no such recipient in it.
class Custodian {
 public:
  explicit Custodian(const CustodianServices& services) : services_{services} {}

  /// To the recipients, by the queue, exactly once whatever crashes; marked by a field X-Mailreeve-Released above the
  /// message, which is otherwise octet by octet what came, so that DKIM signatures go on to verify. The anti-virus
  /// engines look once more, with what they have learnt since (unless a virus is what it was held for).
  /// ErrorKind::refused: they found something.
  Task<Result<std::uint64_t>> release(Decision decision);
  /// Its last recipient's decision deletes the body too.
  Task<Result<std::uint64_t>> remove(Decision decision);
  /// Its recipient asks for release.
  Task<Result<std::uint64_t>> ask(Decision decision);
  /// The request is declined.
  Task<Result<std::uint64_t>> decline(Decision decision);
  Task<Result<void>> learn(MessageId id, store::MailClass as);

  /// What a crash or a full disk left unfinished; once at start, and from then on whenever it failed.
  Task<void> finish_releases();
  /// Deletes what was kept long enough. Answers how many.
  Task<Result<std::uint64_t>> expire();

 private:
  Task<Result<std::vector<std::uint32_t>>> numbers_of(Decision decision);
  Task<Result<std::uint64_t>> change(Decision decision, store::HeldState state);
  Task<Result<void>> look_for_viruses(MessageId id);
  Task<Result<std::uint64_t>> release_as(MessageId name, Decision decision);
  /// `first`: nobody can have offered it to the queue before, so that what does not work may be undone.
  Task<Result<void>> hand_over(store::Release release, bool first);
  Task<void> undo(MessageId release);

  CustodianServices services_;
  std::set<MessageId> under_way_;  // releases that `release` is carrying out
};

}  // namespace mailreeve::gateway
