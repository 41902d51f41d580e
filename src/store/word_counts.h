// SPDX-License-Identifier: Apache-2.0
// What was learnt from mail that people sorted: how often a word, by its 64-bit hash, stood in spam and in ham.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"

namespace mailreeve::store {

enum class MailClass : std::uint8_t { spam, ham };

/// Messages, of a word or of all.
struct WordCount {
  std::uint32_t spam = 0;
  std::uint32_t ham = 0;
  bool operator==(const WordCount&) const = default;
};

/// One message to learn, or to forget.
struct Lesson {
  std::string message;               // what it is known by again: at most 64 octets
  std::optional<MailClass> as;       // nothing: forget it
  std::vector<std::uint64_t> words;  // different ones
};

struct LessonCounts {
  std::uint32_t learnt = 0;     // new ones
  std::uint32_t known = 0;      // as this already; nothing changed
  std::uint32_t moved = 0;      // from the other class
  std::uint32_t forgotten = 0;  // on demand
  std::uint32_t unknown = 0;    // to be forgotten, but never learnt
};

/// Kept for scopes, each by itself: "" is the whole installation, a domain (A-labels, lower case) its own mail.
/// Answers come from memory and block nobody for long; safe from any thread.
class WordCounts {
 public:
  virtual ~WordCounts() = default;
  /// How many messages were learnt. Nothing while what is on disk is still being read.
  virtual WordCount messages(std::string_view scope) const = 0;
  /// `counts` has the size of `words`.
  virtual void look(std::string_view scope, std::span<const std::uint64_t> words,
                    std::span<WordCount> counts) const = 0;
  /// On disk when it answers. A message counts once: learning it as the other class takes it out of the first.
  virtual Task<Result<LessonCounts>> learn(std::string scope, std::vector<Lesson> lessons) = 0;
};

/// Lives in memory alone and knows nothing: tests, commands without a store.
std::unique_ptr<WordCounts> make_memory_word_counts();

}  // namespace mailreeve::store
