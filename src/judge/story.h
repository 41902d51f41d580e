// SPDX-License-Identifier: Apache-2.0
// Everything about one transaction or connection, as it is kept and as it is told.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "judge/examination.h"
#include "judge/policy.h"

namespace mailreeve::judge {

struct StoryRecipient {
  std::string address;
  Verdict verdict;
  Action outcome = Action::none;
  bool put_off = false;  // in place of the outcome
};

struct Story {
  std::string id;
  WallTime time;
  std::string kind = "transaction";
  std::shared_ptr<const SessionFacts> session;
  std::string sender;
  std::uint64_t size = 0;
  std::vector<std::string> from;            // domains of the authors
  std::vector<std::string> authentication;  // "spf=pass example.org", for people
  std::vector<StoryRecipient> recipients;
  std::vector<std::string> refusals;  // "address: reply"
  std::vector<std::string> handover;
  std::string reply;
  std::string closed;  // why the connection ended, where that is the story
  Findings findings;   // with their default weights
  std::vector<CheckTiming> timings;
  std::vector<dns::Recorder::Entry> look_ups;
  std::shared_ptr<const scan::ContentReport> content;  // of it: names, types, sizes, hashes, hosts; never its text
  std::chrono::milliseconds took{0};
};

/// At most 64 KiB: look-ups are left out first, then the later ones of very many recipients, refusals or findings.
std::string story_json(const Story& story);

/// What was found, with default weights: so that another policy can be judged on the past.
Result<Findings> findings_of(std::string_view json);

/// As a person would tell it.
Result<std::string> explain(std::string_view json);

}  // namespace mailreeve::judge
