// SPDX-License-Identifier: Apache-2.0
// One attempt at one destination, whatever its kind. The queue runner and the session's hand-over both call this.
#pragma once

#include "base/files.h"
#include "base/id.h"
#include "base/offload.h"
#include "delivery/pool.h"
#include "dns/resolver.h"

namespace mailreeve::delivery {

/// What delivery needs of the world; shared by all loops.
struct World {
  Files& files;
  dns::Resolver& resolver;
  Offload& offload;
  const Clock& clock;
};

/// How long an attempt may take: `deadline` up to the final dot, `answer_deadline` for the answer to it.
struct Patience {
  SteadyTime deadline;
  SteadyTime answer_deadline;
};

/// The seam between the queue and the outside: tests put a scripted one here.
class Transport {
 public:
  virtual ~Transport() = default;
  /// `destination`: a domain of ours (a key of Plan::routes), or somebody else's domain. Always answers.
  virtual Task<Attempt> deliver(std::string destination, MessageId id, mail::Envelope envelope,
                                std::shared_ptr<const mail::Body> body, Patience patience) = 0;
  /// For stopping: nothing waits beyond `end`, and nobody for a free connection.
  virtual void hurry(SteadyTime end) { static_cast<void>(end); }
  virtual Task<void> close_idle(bool all) {
    static_cast<void>(all);
    co_return;
  }
};

/// Delivers by SMTP, LMTP and into Maildirs. One a loop.
class Deliverer final : public Transport {
 public:
  Deliverer(net::Loop& loop, const Current<Plan>& plan, World world, std::size_t share);
  Task<Attempt> deliver(std::string destination, MessageId id, mail::Envelope envelope,
                        std::shared_ptr<const mail::Body> body, Patience patience) override;
  void hurry(SteadyTime end) override { pool_.hurry(end); }
  Task<void> close_idle(bool all) override { return pool_.close_idle(all); }

 private:
  using Hosts = std::vector<ServerAddress>;
  Task<Attempt> deliver_to(Target target, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                           Patience patience);
  Task<Attempt> deliver_to_mx(std::string domain, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                              Patience patience);
  Task<Attempt> try_hosts(Hosts hosts, mail::Envelope envelope, std::shared_ptr<const mail::Body> body,
                          Patience patience);
  Task<Attempt> to_maildirs(Target target, MessageId id, mail::Envelope envelope,
                            std::shared_ptr<const mail::Body> body);
  Task<Result<Hosts>> hosts_of(Target target);

  const Current<Plan>& plan_;
  World world_;
  Pool pool_;
};

}  // namespace mailreeve::delivery
