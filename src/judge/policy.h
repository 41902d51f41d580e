// SPDX-License-Identifier: Apache-2.0
// From findings to a verdict: a pure function, so that another policy can be tried on the past.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judge/facts.h"
#include "judge/finding.h"
#include "judge/sender_lists.h"
#include "store/wishes.h"

namespace mailreeve::judge {

/// From mild to harsh. `none` as a finding's action: it counts by its weight alone.
enum class Action : std::uint8_t { none, tag, greylist, quarantine, reject, disconnect };
std::string_view name(Action action);  // none reads "accept" in a verdict: see verdict_name
std::string_view verdict_name(Action action);
std::optional<Action> parse_action(std::string_view text);

struct Policy {
  std::string name = "default";
  // Scores from which on something is done; nothing: never for the score alone.
  std::optional<double> tag, greylist, quarantine, reject;
  std::map<std::string, Action, std::less<>> actions;  // by code, see `covers`
  std::map<std::string, double, std::less<>> weights;  // by code
  std::string subject_prefix;                          // for tagged mail; empty: none
  std::shared_ptr<const SenderLists> lists;            // its own block and allow lists; may be null
  bool observe = false;                                // nothing follows from what is found (a domain without a policy)
  std::string label;                                   // what recipients read who may choose it; empty: the name
  store::DigestTimes digest = store::DigestTimes::daily;  // for recipients who wish nothing else
  bool keep_refused = false;                              // a copy of what is refused goes to quarantine
  std::vector<std::string> not_kept = {};                 // unless one of these decided; see `covers`
};

/// Is a copy kept of what this policy refused? `decided_by`: of the verdict.
bool keeps_refused(const Policy& policy, std::string_view decided_by);

struct WeighedFinding {
  Finding finding;
  double weight = 0;             // as this policy counts it
  Action action = Action::none;  // what it does by itself
};

struct Verdict {
  Action action = Action::none;
  double score = 0;
  std::string decided_by;  // the code whose action decided, "score" when a threshold did, empty when accepted
  std::string policy;
  std::vector<WeighedFinding> findings;  // the deciding one first, then by weight, heaviest first
  std::string why;               // one sentence: "spf.fail: policy balanced rejects it", "score 9.5 is 8.0 or more"
  std::string would_change;      // one sentence: what would have led to another outcome; empty when nothing near
  std::chrono::seconds wait{0};  // greylisted: how long still
  bool keep_copy = false;        // where it refuses: a copy goes to quarantine (keeps_refused)
  std::string subject_prefix;    // where it tags: the policy's
};

/// Says in a verdict that nothing came of it: the message could not be examined, and its sender comes back.
/// `outcome`: what would have been done.
void put_off(Verdict& verdict, const Facts::Unexamined& unexamined, Action outcome);

/// What is special about a recipient.
struct RecipientContext {
  bool is_role = false;  // postmaster@, abuse@: nothing is refused but for the client's address; harsher becomes tag
  std::vector<std::string> greylist_when = {};  // findings for which a message waits, whatever its score
  bool has_waited = false;                      // greylisting is behind it
};

/// Pure. An action named by a rule wins over the score when it is harsher; `lists.allow` (weight aside) turns every
/// outcome but those of `lists.block` into acceptance, unless a policy gives it another action. `wish.block`
/// quarantines; `wish.allow` lets the score and greylisting hold nothing up, but does not keep from refusing.
Verdict decide(const Policy& policy, const Findings& findings, const RecipientContext& recipient = {});

/// When one transaction's recipients deserve different outcomes (design, "life of a message"): reject only if all would
/// be; those who would have been rejected get it quarantined. Greylisting and disconnecting likewise only if all.
std::vector<Action> settle(const std::vector<Verdict>& verdicts);

}  // namespace mailreeve::judge
