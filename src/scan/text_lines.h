// SPDX-License-Identifier: Apache-2.0
// Lines of text out of what a page shows.
#pragma once

#include <string>
#include <string_view>

namespace mailreeve::scan {

class TextLines {
 public:
  explicit TextLines(std::size_t most) : most_{most} {}
  /// White space is one blank, unless it is `preformatted`.
  void add(std::string_view utf8, bool preformatted = false);
  /// What comes next begins a line; `apart`: behind an empty one.
  void end_line(bool apart = false);
  bool is_cut() const { return cut_; }
  std::string take();

 private:
  void put(char c);

  std::size_t most_;
  std::string out_;
  bool cut_ = false;
};

}  // namespace mailreeve::scan
