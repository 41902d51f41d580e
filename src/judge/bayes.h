// SPDX-License-Identifier: Apache-2.0
// How much a message's words are like those of spam and of ham that people sorted.
//
// Words are weighed as Gary Robinson and SpamBayes do: what few messages taught counts less, the strongest words are
// put together by Fisher's method, and of a word and the pairs it stands in only the strongest counts.
#pragma once

#include <string>
#include <vector>

#include "judge/message_words.h"
#include "store/word_counts.h"

namespace mailreeve::judge {

struct BayesOptions {
  unsigned minimum = 200;   // messages of each class, before anything is said
  bool per_domain = false;  // a domain that has taught enough goes by its own mail
};

struct BayesClue {
  std::string word;
  double likeness = 0.5;  // 0: stands in ham alone, 1: in spam alone
  store::WordCount count;
};

struct BayesOpinion {
  double likeness = 0.5;         // to spam: 0 to 1
  std::vector<BayesClue> clues;  // those that decided, strongest first, at most 10
};

/// Asks one scope, which has messages of both classes. Without any telling word: 0.5.
BayesOpinion weigh(const MessageWords& words, const store::WordCounts& counts, std::string_view scope);

}  // namespace mailreeve::judge
