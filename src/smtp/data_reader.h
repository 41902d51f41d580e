// SPDX-License-Identifier: Apache-2.0
// Finds the end of a message's data, removes dot-stuffing, and sees every octet that could be used for smuggling.
#pragma once

#include <string_view>

namespace mailreeve::smtp {

/// Works on views of the input, in whatever pieces it comes; only the state within a line is remembered.
class DataReader {
 public:
  /// `dots`: DATA, whose lines are dot-stuffed and which ends in <CRLF>.<CRLF>. `counted`: BDAT, ended by its length.
  enum class Framing : unsigned char { dots, counted };
  enum class Found : unsigned char {
    text,       // `text` belongs to the message
    end,        // the final line with its dot alone was read
    more,       // the input is used up
    forbidden,  // a bare CR, a bare LF or a NUL
  };
  struct Step {
    Found found;
    std::string_view text;
  };

  explicit DataReader(Framing framing = Framing::dots) : framing_{framing} {}
  /// Reads on; what was read is removed from `input`.
  Step read(std::string_view& input);
  /// True when the last octet was a CR: no place to end a message.
  bool is_after_cr() const { return state_ == State::cr; }

 private:
  enum class State : unsigned char { line_start, dot, dot_cr, text, cr };
  Step read_lines(std::string_view& input);

  Framing framing_;
  State state_ = State::line_start;
};

}  // namespace mailreeve::smtp
