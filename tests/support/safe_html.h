// SPDX-License-Identifier: Apache-2.0
// A strict reader of sanitised HTML, for tests: it knows nothing of how that is made, and accepts only what every HTML
// parser reads alike and what can do nothing. For the unit tests and the fuzzer.
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::support {

class SafeHtmlReader {
 public:
  explicit SafeHtmlReader(std::string_view html) : rest_{html} {}

  /// Empty when nothing is wrong, else what is, with the octets where it stands.
  std::string problem() {
    while (!rest_.empty() && problem_.empty()) {
      if (rest_.front() == '<') {
        rest_.starts_with("</") ? end_tag() : start_tag();
      } else {
        text(rest_.substr(0, rest_.find('<')), false);
      }
    }
    if (problem_.empty() && !open_.empty()) fail("never closed: " + open_.back());
    return problem_;
  }

  std::size_t elements() const { return elements_; }
  std::size_t depth() const { return depth_; }

 private:
  using Names = std::set<std::string_view>;

  static const Names& empties() {
    static const Names names{"br", "hr", "img"};
    return names;
  }
  static const Names& words() {
    static const Names names{"b", "bdi", "bdo",  "big",   "cite", "code",   "del", "em",  "font", "i", "ins", "kbd",
                             "q", "s",   "samp", "small", "span", "strong", "sub", "sup", "tt",   "u", "var"};
    return names;
  }
  static const Names& blocks() {
    static const Names names{"blockquote", "center", "dl",  "div",   "h1", "h2", "h3", "h4", "h5", "h6",
                             "ol",         "p",      "pre", "table", "ul", "hr", "li", "dt", "dd"};
    return names;
  }
  static const Names& table_parts() {
    static const Names names{"caption", "thead", "tbody", "tfoot", "tr", "td", "th"};
    return names;
  }

  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what + " at: " + std::string{rest_.substr(0, 80)};
  }

  static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  bool text(std::string_view piece, bool in_attribute) {
    if (!in_attribute && !open_.empty() && is_table_context(open_.back())) {
      fail("text in " + open_.back());
      return false;
    }
    for (std::size_t at = 0; at < piece.size();) {
      const auto c = static_cast<unsigned char>(piece[at]);
      if (c == '&') {
        static constexpr std::array<std::string_view, 6> references{"&amp;",  "&lt;",  "&gt;",
                                                                    "&quot;", "&#39;", "&#96;"};
        std::size_t size = 0;
        for (const auto one : references) {
          if (piece.substr(at).starts_with(one)) size = one.size();
        }
        if (size == 0) {
          fail("a reference of its own");
          return false;
        }
        at += size;
        continue;
      }
      if (c == '<' || c == '>' || c == '"' || c == '\'' || c == '`' || c == 0x7f ||
          (c < 0x20 && c != '\n' && c != '\t')) {
        fail("an octet that should be escaped or gone");
        return false;
      }
      const auto size = utf8_size(piece.substr(at));
      if (size == 0) {
        fail("no UTF-8");
        return false;
      }
      at += size;
    }
    if (!in_attribute) rest_.remove_prefix(piece.size());
    return true;
  }

  static std::size_t utf8_size(std::string_view text) {
    const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    unsigned long code = size == 2 ? lead & 0x1fU : size == 3 ? lead & 0x0fU : lead & 0x07U;
    for (std::size_t i = 1; i < size; ++i) {
      if ((at(i) & 0xc0U) != 0x80) return 0;
      code = code << 6 | (at(i) & 0x3fU);
    }
    const bool good = size != 0 &&
                      code >= (size == 2   ? 0xa0UL
                               : size == 3 ? 0x800UL
                                           : 0x10000UL) &&
                      code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return good ? size : 0;
  }

  static bool is_table_context(std::string_view name) {
    return name == "table" || name == "thead" || name == "tbody" || name == "tfoot" || name == "tr";
  }
  static bool is_boundary(std::string_view name) { return name == "td" || name == "th" || name == "caption"; }

  void end_tag() {
    const auto close = rest_.find('>');
    const auto name = rest_.substr(2, close == std::string_view::npos ? 0 : close - 2);
    if (close == std::string_view::npos || open_.empty() || open_.back() != name) {
      fail("an end tag that ends nothing");
      return;
    }
    open_.pop_back();
    rest_.remove_prefix(close + 1);
  }

  void start_tag() {
    std::size_t at = 1;
    while (at < rest_.size() && (is_letter(rest_[at]) || is_digit(rest_[at]))) ++at;
    const std::string name{rest_.substr(1, at - 1)};
    if (!words().contains(name) && !blocks().contains(name) && !table_parts().contains(name) &&
        !empties().contains(name)) {
      fail("an element that is not allowed: " + name);
      return;
    }
    if (!may_stand_here(name)) return;
    ++elements_;
    std::set<std::string> seen;
    while (at < rest_.size() && rest_[at] == ' ') {
      const auto equals = rest_.find("=\"", at);
      const auto end = equals == std::string_view::npos ? equals : rest_.find('"', equals + 2);
      if (end == std::string_view::npos) {
        fail("an attribute without quotes");
        return;
      }
      const std::string attribute{rest_.substr(at + 1, equals - at - 1)};
      if (!seen.insert(attribute).second) fail("an attribute twice");
      const auto value = rest_.substr(equals + 2, end - equals - 2);
      if (!text(value, true) || !attribute_is_safe(name, attribute, value)) {
        fail("attribute " + attribute + " of " + name);
        return;
      }
      at = end + 1;
    }
    if (at >= rest_.size() || rest_[at] != '>') {
      fail("a tag that does not end");
      return;
    }
    rest_.remove_prefix(at + 1);
    if (empties().contains(name)) return;
    open_.push_back(name);
    if (open_.size() > depth_) depth_ = open_.size();
  }

  /// Where an HTML parser leaves it, and moves or closes nothing (WHATWG 13.2.6.4).
  bool may_stand_here(const std::string& name) {
    const std::string parent = open_.empty() ? "" : open_.back();
    const auto within = [&](std::initializer_list<std::string_view> parents) {
      for (const auto one : parents) {
        if (parent == one) return true;
      }
      fail(name + " within " + parent);
      return false;
    };
    if (name == "caption" || name == "thead" || name == "tbody" || name == "tfoot") return within({"table"});
    if (name == "tr") return within({"thead", "tbody", "tfoot"});
    if (name == "td" || name == "th") return within({"tr"});
    if (name == "li") return within({"ul", "ol"});
    if (name == "dt" || name == "dd") return within({"dl"});
    if (is_table_context(parent)) {
      fail(name + " between cells");
      return false;
    }
    if (!blocks().contains(name)) return true;
    const bool heading = name.size() == 2 && name[0] == 'h' && is_digit(name[1]);
    bool direct = true;
    for (auto i = open_.size(); i > 0 && !is_boundary(open_[i - 1]); --i) {
      const auto& outer = open_[i - 1];
      if (outer == "p") {
        fail(name + " within p");
        return false;
      }
      if (direct && heading && outer.size() == 2 && outer[0] == 'h' && is_digit(outer[1])) {
        fail("a heading within a heading");
        return false;
      }
      direct = direct && words().contains(outer);
    }
    return true;
  }

  static bool only(std::string_view value, std::string_view more, std::size_t most) {
    if (value.empty() || value.size() > most) return false;
    for (const char c : value) {
      const bool plain = is_letter(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
      if (!plain && more.find(c) == std::string_view::npos) return false;
    }
    return true;
  }

  static bool attribute_is_safe(std::string_view element, std::string_view name, std::string_view value) {
    if (name == "class") return element == "span" && (value == "link" || value == "goes" || value == "picture");
    if (name == "title") return element == "span" && value.size() <= 6 * 500;
    if (name == "alt") return element == "img" && value.size() <= 6 * 300;
    if (name == "src") return element == "img" && is_picture(value);
    if (name == "style") return style_is_safe(value);
    static const Names numbers{"width",   "height",  "border", "cellpadding", "cellspacing",
                               "colspan", "rowspan", "size",   "start",       "value"};
    if (numbers.contains(name)) return element != "div" && only(value, "%+-", 5) && !is_letter(value.front());
    static const Names plain{"align", "bgcolor", "color", "dir", "face", "lang", "nowrap", "type", "valign"};
    if (plain.contains(name)) return only(value, "#-, ", 100);
    return false;
  }

  static bool is_picture(std::string_view value) {
    for (const std::string_view start :
         {"data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,"}) {
      if (value.starts_with(start)) return only(value.substr(start.size()), "+/=", 4U << 20);
    }
    return false;
  }

  static bool style_is_safe(std::string_view value) {
    while (!value.empty()) {
      const auto end = declaration_end(value);
      if (!declaration_is_safe(value.substr(0, end))) return false;
      value.remove_prefix(end == value.size() ? end : end + 1);
    }
    return true;
  }

  /// The ";" of a reference ends none.
  static std::size_t declaration_end(std::string_view value) {
    for (std::size_t at = 0; at < value.size(); ++at) {
      if (value[at] == '&') at = value.find(';', at);
      if (value[at] == ';') {
        const bool reference = at >= 4 && value.substr(at - 4, 5) == "&#39;";
        if (!reference) return at;
      }
    }
    return value.size();
  }

  static bool declaration_is_safe(std::string_view declaration) {
    const auto colon = declaration.find(':');
    if (colon == std::string_view::npos) return false;
    static const Names exact{"background-color",
                             "border-collapse",
                             "border-radius",
                             "border-spacing",
                             "box-sizing",
                             "clear",
                             "color",
                             "direction",
                             "display",
                             "float",
                             "font",
                             "font-family",
                             "font-size",
                             "font-style",
                             "font-variant",
                             "font-weight",
                             "height",
                             "letter-spacing",
                             "line-height",
                             "list-style",
                             "list-style-type",
                             "max-width",
                             "min-height",
                             "min-width",
                             "overflow-wrap",
                             "table-layout",
                             "text-align",
                             "text-decoration",
                             "text-indent",
                             "text-transform",
                             "vertical-align",
                             "white-space",
                             "width",
                             "word-break",
                             "word-spacing",
                             "word-wrap"};
    const auto name = declaration.substr(0, colon);
    const bool box = name.starts_with("margin") || name.starts_with("padding") || name.starts_with("border");
    if (!exact.contains(name) && !(box && only(name, "-", 30))) return false;
    std::string value{declaration.substr(colon + 1)};
    for (auto at = value.find("&#39;"); at != std::string::npos; at = value.find("&#39;")) value.replace(at, 5, "\"");
    if (!only(value, "#%.,/() \"-_", 1'500)) return false;
    for (const std::string_view word :
         {"url", "(expression", "expression(", "javascript", "var(", "attr(", "calc(", "--", "fixed(", "import"}) {
      if (value.find(word) != std::string::npos) return false;
    }
    for (std::size_t at = 0; at < value.size(); ++at) {
      const bool begins = at == 0 || value[at - 1] == ' ' || value[at - 1] == ',';
      if (value[at] == '-' && begins && at + 1 < value.size() && (is_digit(value[at + 1]) || value[at + 1] == '.'))
        return false;
      if (value[at] != '(') continue;
      const std::string_view before = std::string_view{value}.substr(0, at);
      const auto word =
          before.substr(before.find_last_of(" ,") == std::string_view::npos ? 0 : before.find_last_of(" ,") + 1);
      if (word != "rgb" && word != "rgba" && word != "hsl" && word != "hsla") return false;
    }
    return true;
  }

  std::string_view rest_;
  std::string problem_;
  std::vector<std::string> open_;
  std::size_t elements_ = 0, depth_ = 0;
};

inline std::string problem_of_html(std::string_view html) { return SafeHtmlReader{html}.problem(); }

}  // namespace mailreeve::support
