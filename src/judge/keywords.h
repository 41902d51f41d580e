// SPDX-License-Identifier: Apache-2.0
// The operator's patterns, all looked for in one pass.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "scan/report.h"

struct hs_database;
struct hs_scratch;

namespace mailreeve::judge {

struct KeywordRule {
  enum class In : std::uint8_t { subject, body, headers, names, urls };
  std::string name;     // the finding is "keyword.NAME"
  std::string pattern;  // PCRE without look-around and back-references; (?i) for any case
  double weight = 1.0;
  std::vector<In> in{In::subject, In::body};
  bool operator==(const KeywordRule&) const = default;
};

struct KeywordHit {
  std::size_t rule = 0;  // in the order given
  std::string evidence;  // where, and the end of what matched
};

/// Compiled once; safe from any thread.
class KeywordSet {
 public:
  /// The error says which rule is wrong, and why.
  static Result<std::shared_ptr<const KeywordSet>> compile(std::vector<KeywordRule> rules);
  ~KeywordSet();
  KeywordSet(const KeywordSet&) = delete;
  KeywordSet& operator=(const KeywordSet&) = delete;

  const std::vector<KeywordRule>& rules() const { return rules_; }
  /// `header`: the message's header as it came. Each rule once at most.
  std::vector<KeywordHit> search(const scan::ContentReport& content, std::string_view header) const;

 private:
  explicit KeywordSet(std::vector<KeywordRule> rules) : rules_{std::move(rules)} {}
  class Scratch;
  void look(KeywordRule::In place, std::string_view text, hs_scratch* scratch, std::vector<KeywordHit>& hits) const;

  std::vector<KeywordRule> rules_;
  hs_database* database_ = nullptr;
  hs_scratch* prototype_ = nullptr;
  mutable std::mutex mutex_;
  mutable std::vector<hs_scratch*> idle_;
};

}  // namespace mailreeve::judge
