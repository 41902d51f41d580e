// SPDX-License-Identifier: Apache-2.0
// Notes under way: bounded, and each place told once a code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scan/report.h"

namespace mailreeve::scan {

class Notes {
 public:
  explicit Notes(std::size_t limit) : limit_{limit} {}
  void add(std::string_view code, std::string_view place, std::string_view text);
  bool has(std::string_view code) const;
  std::vector<Note> take() { return std::move(notes_); }

 private:
  std::size_t limit_;
  std::vector<Note> notes_;
};

}  // namespace mailreeve::scan
