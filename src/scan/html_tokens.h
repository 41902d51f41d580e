// SPDX-License-Identifier: Apache-2.0
// HTML cut into tags, comments and text as browsers cut it (WHATWG 13.2.5), bounded, in linear time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct HtmlAttribute {
  std::string name, value;  // lower case; entities decoded
};

struct HtmlTag {
  std::string name;  // lower case, "/a" for an end
  std::vector<HtmlAttribute> attributes;
  std::size_t longest = 0;  // octets of the longest value as written, of any attribute
  bool has_event = false;   // an attribute "on..."

  bool has(std::string_view key) const {
    return std::ranges::find(attributes, key, &HtmlAttribute::name) != attributes.end();
  }
  std::string_view value(std::string_view key) const {
    const auto found = std::ranges::find(attributes, key, &HtmlAttribute::name);
    return found == attributes.end() ? std::string_view{} : std::string_view{found->value};
  }
};

inline bool is_html_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

class HtmlTokens {
 public:
  enum class Kind : std::uint8_t { text, tag, comment, end };

  /// Attributes that are not `wanted` are dropped; values are cut at `value_limit` octets.
  HtmlTokens(std::string_view html, std::span<const std::string_view> wanted, std::size_t value_limit)
      : html_{html}, wanted_{wanted}, value_limit_{value_limit} {}

  Kind next();
  /// Of a text, its entities not decoded; of a comment, what stands in it.
  std::string_view text() const { return text_; }
  const HtmlTag& tag() const { return tag_; }

  /// Behind the start tag of an element within which nothing is markup: what stands before its end tag, which comes
  /// next. Nothing, and nothing is skipped, when it has no end.
  std::optional<std::string_view> take_content(const std::string& name);
  std::string_view take_rest();

 private:
  Kind markup();
  Kind comment();
  void read_tag();
  void read_attribute();
  std::string read_value();
  std::size_t end_of(std::string_view name) const;

  std::string_view html_;
  std::span<const std::string_view> wanted_;
  std::size_t value_limit_;
  std::size_t at_ = 0;
  std::string_view text_;
  HtmlTag tag_;
  std::vector<std::string> endless_;  // elements without an end tag from here on
};

}  // namespace mailreeve::scan
