// SPDX-License-Identifier: Apache-2.0
// A check looks at one thing and returns findings. It decides nothing: that is the policy's.
//
// One file a check: its declaration (CheckInfo), its options, its coroutine. A line in all.cpp makes it run;
// `mailreeve checks` and docs/checks.md print from the declarations.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/spawner.h"
#include "dns/resolver.h"
#include "judge/content.h"
#include "judge/facts.h"
#include "judge/finding.h"
#include "judge/people.h"
#include "judge/prober.h"
#include "judge/spam_engine.h"
#include "judge/virus.h"
#include "store/marks.h"
#include "store/word_counts.h"

namespace mailreeve::judge {

/// Who we are, for checks that ask whether a client pretends to be us or whether an address is ours.
struct OwnNames {
  std::string host_name;
  std::vector<std::string> domains;  // names and aliases, lower case A-labels
  std::vector<IpAddress> addresses;  // that we listen on or send from, where known
  People people;                     // by name
  bool is_ours(std::string_view domain) const;
};

/// What a check may use while it runs. `dns` records for this transaction.
struct CheckContext {
  dns::Resolver& dns;
  store::Marks& marks;
  Prober* prober = nullptr;  // null: offline, nobody may be connected to
  const Clock& clock;
  Spawner& spawner;
  Logger& log;
  const OwnNames& own;
  ContentScanner* scanner = nullptr;         // null: content is not looked at
  VirusScanner* virus = nullptr;             // null: no engine can be asked
  const store::WordCounts* words = nullptr;  // null: nothing was learnt
  SpamEngines* spam = nullptr;               // null: no other filter can be asked
  std::weak_ptr<void> owner = {};  // of this context and of the facts: held by work that may outlast its check
};

/// A finding for what the scanner noted; notes of one code become one finding with all their evidence.
void add_note(Findings& findings, const scan::Note& note, double weight);

class Check {
 public:
  virtual ~Check() = default;
  virtual const CheckInfo& info() const = 0;
  /// Whether it may have to wait for somebody. Those that never do run one after the other, without a coroutine on the
  /// loop each.
  virtual bool waits() const { return true; }
  /// May fill its own place in `facts`; `facts` and `context` outlive the Task. Must end by itself: every look-up is
  /// bounded by the resolver. What cannot be known is `NAME.temperror` or nothing, never a bad finding.
  virtual Task<Findings> run(Facts& facts, const CheckContext& context) const = 0;
};

}  // namespace mailreeve::judge
