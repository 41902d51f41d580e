// SPDX-License-Identifier: Apache-2.0
// What the pages and the API need of the rest of the program.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/offload.h"
#include "gateway/custodian.h"
#include "gateway/digest.h"
#include "gateway/live.h"
#include "mail/address.h"
#include "scan/preview.h"
#include "store/audit.h"
#include "store/history.h"
#include "store/marks.h"
#include "store/queue.h"
#include "store/vault.h"
#include "store/wishes.h"
#include "store/word_counts.h"
#include "web/insight.h"

namespace mailreeve::web {

class Access;
class Ration;

struct Health {
  bool ok = true;
  std::string status = "ok";  // one word or two: "ok", "draining"
};

struct ReloadAnswer {
  bool reloaded = false;
  std::vector<std::string> problems;  // each with its place; warnings when reloaded
};

/// Called on the loop that serves the request; all of it must live as long as the handlers made from it.
struct Services {
  store::Queue& queue;
  Metrics& metrics;
  const Clock& clock;
  std::function<Health()> health;
  std::function<Task<ReloadAnswer>()> reload;  // empty: there is no running gateway to reload
  std::function<void()> wake_queue;            // after retry and release: the runner looks at once; may be empty
  store::History* history = nullptr;           // null: there is none to ask
  store::WordCounts* words = nullptr;          // null: nothing can be learnt
  /// A message of the queue teaches what spam or ham is; empty: no gateway is running that could take it apart.
  std::function<Task<Result<void>>(MessageId, store::MailClass)> teach = {};
  store::Audit* audit = nullptr;  // null: what is done is not noted
  Access* access = nullptr;       // null: nobody can sign in, so that TCP serves only what is open
  std::string host = {};          // our name
  std::string version = {};
  /// Runs what nobody waits for; empty: it is waited for.
  std::function<void(Task<void>)> spawn = {};
  /// Mails a recipient the link that signs in; empty: links are not offered.
  std::function<Task<Result<void>>(mail::Mailbox, std::string link)> mail_link = {};
  store::Vault* vault = nullptr;                 // null: nothing is quarantined here
  Insight insight = {};                          // of the running gateway
  store::Marks* marks = nullptr;                 // null: nobody can be let in
  store::Wishes* wishes = nullptr;               // null: recipients cannot wish for anything
  const Current<gateway::Live>* live = nullptr;  // null: no gateway is running
  gateway::Custodian* custodian = nullptr;       // null: nobody can decide about held mail
  /// A message taken apart for people to look at; empty: no gateway is running.
  std::function<Task<Result<std::shared_ptr<const scan::Preview>>>(std::shared_ptr<const mail::Body>)> preview = {};
  /// A held message sent on to an analyst, with what is to be said about it; empty: not offered.
  std::function<Task<Result<void>>(MessageId, mail::Mailbox, std::string)> forward_held = {};
  const gateway::LinkKey* link_key = nullptr;  // null: links of digests cannot be opened
  Ration* link_ration = nullptr;               // how often a client may try one; null: at will
  gateway::Digest* digest = nullptr;           // null: nobody is told what is held
  std::function<Task<void>()> asked = {};      // a recipient asked for release; may be empty
  Offload* offload = nullptr;                  // null: what takes long is done at once
};

}  // namespace mailreeve::web
