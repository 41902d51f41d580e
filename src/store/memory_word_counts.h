// SPDX-License-Identifier: Apache-2.0
// Counts in memory, as sessions ask them; the durable kind fills and changes them.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <shared_mutex>

#include "store/word_counts.h"

namespace mailreeve::store {

class WordTable {
 public:
  WordCount messages(std::string_view scope) const;
  void look(std::string_view scope, std::span<const std::uint64_t> words, std::span<WordCount> counts) const;

  /// What learning adds; a count never falls below nothing.
  struct Change {
    std::int64_t spam = 0, ham = 0;
  };
  using Changes = boost::unordered_flat_map<std::uint64_t, Change>;
  void change(const std::string& scope, const Change& messages, const Changes& words);
  /// In place of everything in the scope.
  using Counts = boost::unordered_flat_map<std::uint64_t, WordCount>;
  void replace(const std::string& scope, WordCount messages, Counts counts);
  std::size_t size() const;

 private:
  struct Scope {
    WordCount messages;
    Counts counts;
  };
  // Held shared once for all words of a message; alone only while somebody teaches.
  mutable std::shared_mutex mutex_;
  std::map<std::string, Scope, std::less<>> scopes_;
};

/// What a lesson changes where the message was learnt as `before`.
struct LessonEffect {
  WordTable::Change change;
  std::uint32_t LessonCounts::* counted = nullptr;
};
LessonEffect effect_of(const Lesson& lesson, std::optional<MailClass> before);

}  // namespace mailreeve::store
