// SPDX-License-Identifier: Apache-2.0
#include "smtp/data_reader.h"

#include <cstring>

namespace mailreeve::smtp {
namespace {

const char* find(const char* from, const char* to, char c) {
  return from == to ? nullptr : static_cast<const char*>(std::memchr(from, c, static_cast<std::size_t>(to - from)));
}

}  // namespace

DataReader::Step DataReader::read(std::string_view& input) {
  while (!input.empty()) {
    const char next = input.front();
    switch (state_) {
      case State::line_start:
        if (next != '.' || framing_ == Framing::counted) return read_lines(input);
        state_ = State::dot;
        break;
      case State::dot:
        if (next != '\r') {  // a stuffed dot is gone; what follows it is text
          state_ = State::text;
          return read_lines(input);
        }
        state_ = State::dot_cr;
        break;
      case State::dot_cr:
        if (next != '\n') return {Found::forbidden, {}};
        input.remove_prefix(1);
        return {Found::end, {}};
      case State::text:
      case State::cr:
        return read_lines(input);
    }
    input.remove_prefix(1);
  }
  return {Found::more, {}};
}

// Called inside a line or at the start of one that is no dot line. Takes as many whole lines as it can in one view.
DataReader::Step DataReader::read_lines(std::string_view& input) {
  const char* const begin = input.data();
  const char* const end = begin + input.size();
  const char* at = begin;
  if (state_ == State::cr) {
    if (*at != '\n') return {Found::forbidden, {}};
    ++at;
    state_ = State::line_start;
  }
  while (at != end && (state_ != State::line_start || framing_ == Framing::counted || *at != '.')) {
    const char* const cr = find(at, end, '\r');
    const char* const text_end = cr == nullptr ? end : cr;
    if (find(at, text_end, '\n') != nullptr) return {Found::forbidden, {}};
    if (cr == nullptr) {
      state_ = State::text;
      at = end;
    } else if (cr + 1 == end) {
      state_ = State::cr;
      at = end;
    } else if (cr[1] == '\n') {
      state_ = State::line_start;
      at = cr + 2;
    } else {
      return {Found::forbidden, {}};
    }
  }
  if (find(begin, at, '\0') != nullptr) return {Found::forbidden, {}};
  const std::string_view text{begin, static_cast<std::size_t>(at - begin)};
  input.remove_prefix(text.size());
  return {Found::text, text};
}

}  // namespace mailreeve::smtp
