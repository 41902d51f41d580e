// SPDX-License-Identifier: Apache-2.0
// The names of everything that can be found under given settings, for telling misspelled ones.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "judge/checks/options.h"

namespace mailreeve::config {

class FindingNames {
 public:
  /// What checks declare, the lists and keyword rules of `checks`, and what is told beside the checks.
  explicit FindingNames(const judge::CheckOptions& checks);

  /// Can a rule of this name ever say anything: is it a finding, or above one in the dotted tree? Below "dnsbl" and
  /// "rhsbl" every name is one that a list may have.
  bool knows(std::string_view rule) const;
  /// What was probably meant.
  std::optional<std::string> nearest_to(std::string_view rule) const;
  /// `unknown finding "x"; did you mean "y"?`
  std::string explain(std::string_view rule) const;

 private:
  std::set<std::string, std::less<>> names_;  // with everything above them
};

}  // namespace mailreeve::config
