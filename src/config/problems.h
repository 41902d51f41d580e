// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/node.h"
#include "config/settings.h"

namespace mailreeve::config {

/// Collects what is wrong, so that an operator sees everything at once.
class Problems {
 public:
  void error(Place place, std::string text);
  void warning(Place place, std::string text);
  bool has_error() const { return has_error_; }
  /// In the file's order; what has no place comes last.
  std::vector<Problem> take();

 private:
  std::vector<Problem> problems_;
  bool has_error_ = false;
};

}  // namespace mailreeve::config
