// SPDX-License-Identifier: Apache-2.0
// The queue runner: takes what is due, attempts it, reports what became of it.
//
// Two ways lead here. A session that just committed a message may hand it over with its body still in memory (`begin`),
// which spares the store a look-up. Everything else is claimed when it is due, a bounded number at a time, so that a
// million queued messages never live in memory, and no destination takes more than its share of the places.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/current.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "delivery/deliverer.h"
#include "store/history.h"
#include "store/queue.h"

namespace mailreeve::delivery {

struct RunnerServices {
  net::LoopGroup& loops;
  store::Queue& queue;
  const Current<Plan>& plan;
  const Clock& clock;
  Random& random;
  Logger& log;
  Metrics& metrics;
  store::History* history = nullptr;  // is told what became of each attempt
};

class Runner {
 public:
  using MakeTransport = std::function<std::unique_ptr<Transport>(net::Loop&)>;

  /// `owner`: "<node>/<start>", what claims are made under.
  Runner(RunnerServices services, std::string owner, MakeTransport make_transport);
  ~Runner();

  /// Begins to look for due messages. Call once, before the loops run.
  void start();
  /// No new attempts; no wait for a server goes beyond `end`. From here on a failure may be our own doing and is not
  /// recorded: the message stays as it was, and is due when the next start gives up our claims.
  void stop(SteadyTime end);
  /// After the loops have ended, before they go: closes what is kept open between messages, which stands on them.
  void close_connections() { transports_.clear(); }
  /// Something became due sooner than expected: look at once.
  void wake() { woken_ = true; }
  std::size_t running() const { return running_; }
  const std::string& owner() const { return owner_; }
  WallTime lease_end() const;

  /// A place for one message to one destination, given back when it goes.
  class Place {
   public:
    Place(Runner& runner, std::string destination, std::uint64_t bytes);
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();
    const std::string& destination() const { return destination_; }

   private:
    Runner* runner_;
    std::string destination_;
    std::uint64_t bytes_;
  };
  /// Nothing when the destination has its share of places, or memory for bodies is used up: then the message is
  /// committed without an owner and claimed later.
  std::optional<Place> reserve(const std::string& destination, std::uint64_t bytes);
  /// Attempts a claimed message on `loop`, whose session just committed it under `owner()`.
  void begin(net::Loop& loop, Place place, store::Claim claim, std::shared_ptr<const mail::Body> body);
  Transport& transport(net::Loop& loop) { return *transports_[loop.index()]; }

 private:
  Task<void> look_for_due(net::Loop& loop);
  Task<void> keep_house(net::Loop& loop);
  Task<std::size_t> claim_some();
  Task<void> attempt(net::Loop& loop, Place place, store::Claim claim, std::shared_ptr<const mail::Body> body);
  void look_not_later_than(WallTime due);
  Task<void> report(net::Loop& loop, std::vector<store::Change> changes);
  void log_attempt(const store::Claim& claim, const Attempt& attempt, const std::vector<store::Change>& changes,
                   std::chrono::milliseconds took);

  RunnerServices services_;
  std::string owner_;
  std::vector<std::unique_ptr<Transport>> transports_;
  std::mutex mutex_;  // places
  std::unordered_map<std::string, std::size_t> places_;
  std::uint64_t bytes_held_ = 0;
  std::atomic<std::size_t> running_{0};
  std::atomic<bool> woken_{false};
  std::atomic<std::int64_t> next_look_{0};  // milliseconds since 1970: something becomes due then
  std::atomic<bool> stopping_{false};
  std::size_t next_loop_ = 0;
  Counter delivered_, deferred_, refused_, expired_;
  Histogram seconds_;
};

}  // namespace mailreeve::delivery
