// SPDX-License-Identifier: Apache-2.0
// What became of every connection and transaction, for people who ask later.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/ip.h"
#include "base/task.h"

namespace mailreeve::store {

/// One transaction, or one connection that never came to one. Its id is the reference in replies, headers and log.
struct HistoryRecord {
  MessageId id;
  WallTime time;
  std::string kind = "transaction";  // "transaction", "connection"
  IpAddress client;
  std::string helo;
  std::string listener;
  std::string sender;                   // empty: null, or none was given
  std::vector<std::string> recipients;  // refused ones too
  std::string verdict;                  // accept, tag, greylist, quarantine, reject, disconnect, defer, abort
  std::string reply;                    // the last word to the client
  std::string decided_by;               // a finding's code, "score", or what else decided
  double score = 0;
  std::vector<std::string> findings;  // codes, for searching
  std::string detail;  // JSON (see judge/story.h): findings with evidence, weights, facts, timings; at most 64 KiB
  std::function<std::string()> make_detail = {};  // where set, makes `detail` on the writer's thread
  std::vector<MessageId> further = {};  // other ids it has in the queue or the quarantine; only written, never read
};

/// What became of one attempt to deliver to one recipient.
struct Delivery {
  MessageId message;  // a record's id, or one of its further ones
  WallTime time;
  std::string recipient;
  std::string outcome;  // delivered, deferred, refused, expired
  std::string reply;    // the internal server's last word, or why it could not be asked
};

/// How often something was since `start`, for the length of one step.
struct Tally {
  WallTime start;
  std::string name;  // a verdict
  std::uint64_t count = 0;
  bool operator==(const Tally&) const = default;
};

struct HistoryFilter {
  /// Words, each of which must stand in sender, recipients, helo, client, reply, what decided, findings or id; or what
  /// a word there begins with. Case and accents do not matter. Empty: any.
  std::string text = {};
  std::string from = {}, to = {};  // substring, without case; empty: any
  std::optional<IpNetwork> client = {};
  std::optional<WallTime> since = {}, until = {};
  std::string verdict = {};              // exact
  std::string finding = {};              // a code or one above it
  std::optional<MessageId> before = {};  // paging: older than this one
  std::size_t limit = 100;               // at most 1000
};

class History {
 public:
  virtual ~History() = default;
  /// Nobody waits: records are written in groups. When more than a bound wait, the record is dropped and counted
  /// (mailreeve_history_dropped_total): history must never hold up mail.
  virtual void post(HistoryRecord record) = 0;
  /// As above; a delivery that is dropped is counted too.
  virtual void post(Delivery delivery) = 0;
  /// Newest first. `detail` is filled only by `show`.
  virtual Task<Result<std::vector<HistoryRecord>>> search(HistoryFilter filter) = 0;
  /// By id, or by the beginning of one if only one begins so; a further id finds its record too.
  virtual Task<Result<std::optional<HistoryRecord>>> show(std::string id) = 0;
  /// Of all ids of the record `id`, oldest first, at most 1000. They go with their record.
  virtual Task<Result<std::vector<Delivery>>> deliveries(MessageId id) = 0;
  /// All ids of the record `id`: its own, then the further ones.
  virtual Task<Result<std::vector<MessageId>>> ids(MessageId id) = 0;
  /// How often each verdict was in each step since `since`, oldest first; what never was is left out. `step`: whole
  /// minutes, for the last 25 hours; whole hours for the last 400 days. Counted as records are written: no scan.
  virtual Task<Result<std::vector<Tally>>> verdicts(WallTime since, std::chrono::seconds step) = 0;
  /// How many records had each finding, by code: in steps of ten minutes within the last 25 hours, of hours within the
  /// last 8 days; the step that `since` lies in counts wholly.
  virtual Task<Result<std::map<std::string, std::uint64_t>>> findings(WallTime since) = 0;
  /// Deletes what is older; answers how many. In steps, so that writing goes on.
  virtual Task<Result<std::uint64_t>> expire(WallTime before) = 0;
  /// Ends when everything posted before is written: for commands and tests.
  virtual Task<void> flush() = 0;
};

}  // namespace mailreeve::store
