// SPDX-License-Identifier: Apache-2.0
#include "judge/pattern_cost.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace mailreeve::judge {
namespace {

constexpr std::size_t most = 1'000'000;

std::size_t product(std::size_t a, std::size_t b) { return std::min(most, a * b); }
std::size_t sum(std::size_t a, std::size_t b) { return std::min(most, a + b); }

/// A character, a class or a group.
struct Piece {
  std::size_t size = 0;      // characters, repeats multiplied out
  std::size_t repeated = 0;  // of these in repeats
};

class Reader {
 public:
  explicit Reader(std::string_view pattern) : text_{pattern} {}

  PatternCost read() {
    while (at_ < text_.size()) step();
    while (!groups_.empty()) close();
    end_piece();
    return {largest_, here_.repeated};
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '(') {
      ++at_;
      end_piece();
      groups_.push_back(here_);
      here_ = {};
      if (at_ < text_.size() && text_[at_] == '?') ++at_;
    } else if (c == ')') {
      ++at_;
      if (!groups_.empty()) close();
    } else if (c == '[') {
      skip_class();
      begin_piece();
    } else if (c == '\\') {
      escape();
    } else if (const auto bound = c == '{' ? repeat() : std::nullopt) {
      apply(*bound);
    } else {
      ++at_;
      constexpr std::string_view no_characters = "*+?|^$";
      if (no_characters.find(c) == std::string_view::npos) begin_piece();
    }
  }

  void begin_piece(Piece piece = {1, 0}) {
    end_piece();
    last_ = piece;
  }
  void end_piece() {
    here_.size = sum(here_.size, last_.size);
    here_.repeated = sum(here_.repeated, last_.repeated);
    last_ = {};
  }
  void close() {
    end_piece();
    const auto group = here_;
    here_ = groups_.back();
    groups_.pop_back();
    begin_piece(group);
  }
  void apply(std::size_t bound) {
    largest_ = std::max(largest_, bound);
    if (bound < 2) return;
    last_.size = product(last_.size, bound);
    last_.repeated = last_.size;
  }

  /// "[^]a-z[:digit:]\]]"
  void skip_class() {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '^') ++at_;
    if (at_ < text_.size() && text_[at_] == ']') ++at_;
    while (at_ < text_.size() && text_[at_] != ']') {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_.substr(at_).starts_with("[:")) {
        const auto end = text_.find(":]", at_);
        if (end != std::string_view::npos) at_ = end + 1;
      }
      ++at_;
    }
    ++at_;
  }

  void escape() {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    at_ += 2;
    if (c == 'Q') {
      const auto end = std::min(text_.find("\\E", at_), text_.size());
      begin_piece({end - std::min(end, at_), 0});
      at_ = end + 2;
      return;
    }
    constexpr std::string_view with_braces = "xpPNogk";  // \x{263a}, \p{L}
    if (with_braces.find(c) != std::string_view::npos && at_ < text_.size() && text_[at_] == '{') {
      const auto end = text_.find('}', at_);
      if (end != std::string_view::npos) at_ = end + 1;
    }
    begin_piece();
  }

  /// The higher bound of "{n}", "{n,}" or "{n,m}"; anything else is a brace.
  std::optional<std::size_t> repeat() {
    auto at = at_ + 1;
    const auto number = [&]() -> std::optional<std::size_t> {
      std::optional<std::size_t> value;
      for (; at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; ++at) {
        value = sum(product(value.value_or(0), 10), static_cast<std::size_t>(text_[at] - '0'));
      }
      return value;
    };
    const auto first = number();
    if (!first || at >= text_.size()) return std::nullopt;
    std::optional<std::size_t> second;
    if (text_[at] == ',') {
      ++at;
      second = number();
    }
    if (at >= text_.size() || text_[at] != '}') return std::nullopt;
    at_ = at + 1;
    return std::max(*first, second.value_or(0));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t largest_ = 0;
  Piece here_;                 // of the group that is open
  Piece last_;                 // what a repeat would be about
  std::vector<Piece> groups_;  // those around it
};

}  // namespace

PatternCost cost_of(std::string_view pattern) { return Reader{pattern}.read(); }

}  // namespace mailreeve::judge
