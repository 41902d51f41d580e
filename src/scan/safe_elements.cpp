// SPDX-License-Identifier: Apache-2.0
#include "scan/safe_elements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mail/characters.h"
#include "scan/sanitise.h"

namespace mailreeve::scan {
namespace {

// Sorted by source. What only groups comes out as div or span.
constexpr SafeElement elements[] = {
    {"a", Part::link, "span"},
    {"abbr", Part::words, "span"},
    {"acronym", Part::words, "span"},
    {"address", Part::block, "div"},
    {"article", Part::block, "div"},
    {"aside", Part::block, "div"},
    {"b", Part::words, "b"},
    {"bdi", Part::words, "bdi"},
    {"bdo", Part::words, "bdo"},
    {"big", Part::words, "big"},
    {"blockquote", Part::block, "blockquote", true},
    {"body", Part::block, "div"},
    {"button", Part::words, "span"},
    {"caption", Part::caption, "caption"},
    {"center", Part::block, "center"},
    {"cite", Part::words, "cite"},
    {"code", Part::words, "code"},
    {"dd", Part::term, "dd"},
    {"del", Part::words, "del"},
    {"details", Part::block, "div"},
    {"dfn", Part::words, "span"},
    {"dir", Part::list, "ul"},
    {"div", Part::block, "div"},
    {"dl", Part::terms, "dl", true},
    {"dt", Part::term, "dt"},
    {"em", Part::words, "em"},
    {"fieldset", Part::block, "div"},
    {"figcaption", Part::block, "div"},
    {"figure", Part::block, "div"},
    {"font", Part::words, "font"},
    {"footer", Part::block, "div"},
    {"form", Part::block, "div"},
    {"h1", Part::heading, "h1", true},
    {"h2", Part::heading, "h2", true},
    {"h3", Part::heading, "h3", true},
    {"h4", Part::heading, "h4", true},
    {"h5", Part::heading, "h5", true},
    {"h6", Part::heading, "h6", true},
    {"header", Part::block, "div"},
    {"i", Part::words, "i"},
    {"ins", Part::words, "ins"},
    {"kbd", Part::words, "kbd"},
    {"label", Part::words, "span"},
    {"legend", Part::block, "div"},
    {"li", Part::item, "li"},
    {"listing", Part::preformatted, "pre", true},
    {"main", Part::block, "div"},
    {"mark", Part::words, "span"},
    {"marquee", Part::block, "div"},
    {"menu", Part::list, "ul"},
    {"nav", Part::block, "div"},
    {"ol", Part::list, "ol", true},
    {"p", Part::paragraph, "p", true},
    {"pre", Part::preformatted, "pre", true},
    {"q", Part::words, "q"},
    {"s", Part::words, "s"},
    {"samp", Part::words, "samp"},
    {"section", Part::block, "div"},
    {"small", Part::words, "small"},
    {"span", Part::words, "span"},
    {"strike", Part::words, "s"},
    {"strong", Part::words, "strong"},
    {"sub", Part::words, "sub"},
    {"summary", Part::block, "div"},
    {"sup", Part::words, "sup"},
    {"table", Part::table, "table"},
    {"tbody", Part::section, "tbody"},
    {"td", Part::cell, "td"},
    {"tfoot", Part::section, "tfoot"},
    {"th", Part::cell, "th"},
    {"thead", Part::section, "thead"},
    {"time", Part::words, "span"},
    {"tr", Part::row, "tr"},
    {"tt", Part::words, "tt"},
    {"u", Part::words, "u"},
    {"ul", Part::list, "ul", true},
    {"var", Part::words, "var"},
};
static_assert(std::ranges::is_sorted(elements, {}, &SafeElement::source));

constexpr std::string_view whole[] = {"audio",    "canvas",   "datalist", "iframe", "math",  "noembed",
                                      "noframes", "noscript", "script",   "select", "style", "svg",
                                      "template", "textarea", "title",    "video",  "xmp"};

enum class Kind : std::uint8_t { number, size, colour, word, names };

struct SafeAttribute {
  std::string_view name;
  Kind kind;
  std::string_view on;  // names of elements between blanks; empty: all
};
constexpr std::string_view cells = " td th ";
constexpr std::string_view of_tables = " table thead tbody tfoot tr td th ";
constexpr SafeAttribute attributes[] = {
    {"align", Kind::word, " div p h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr td th caption img hr "},
    {"bgcolor", Kind::colour, of_tables},
    {"border", Kind::number, " table img "},
    {"cellpadding", Kind::number, " table "},
    {"cellspacing", Kind::number, " table "},
    {"color", Kind::colour, " font hr "},
    {"colspan", Kind::number, cells},
    {"dir", Kind::word, {}},
    {"face", Kind::names, " font "},
    {"height", Kind::size, " table tr td th img "},
    {"lang", Kind::word, {}},
    {"nowrap", Kind::word, cells},
    {"rowspan", Kind::number, cells},
    {"size", Kind::number, " font hr "},
    {"start", Kind::number, " ol "},
    {"type", Kind::word, " ol ul li "},
    {"valign", Kind::word, " thead tbody tfoot tr td th "},
    {"value", Kind::number, " li "},
    {"width", Kind::size, " table td th img hr "},
};

// `style`, and what tells of links, pictures and what was blocked.
constexpr std::string_view others[] = {"style",  "href",       "src",  "alt",    "background", "srcset",
                                       "action", "formaction", "data", "poster", "http-equiv", "content"};

constexpr auto all_read = [] {
  std::array<std::string_view, std::size(attributes) + std::size(others)> names;
  auto* at = names.begin();
  for (const auto& each : attributes) *at++ = each.name;
  for (const auto each : others) *at++ = each;
  return names;
}();

bool is_one_of(std::string_view characters, std::string_view text) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_html_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_html_blank(text.back())) text.remove_suffix(1);
  return text;
}

constexpr std::string_view digits = "0123456789";
constexpr std::size_t longest_word = 25;
constexpr std::size_t longest_names = 100;

/// The value as it may be written; empty when it may not.
std::string checked(Kind kind, std::string_view value) {
  value = trimmed(value);
  switch (kind) {
    case Kind::number:
      // Of a font, +1 and -1 are sizes too.
      if (value.size() == 2 && (value[0] == '+' || value[0] == '-') && mail::is_digit(value[1]))
        return std::string{value};
      return value.size() <= 3 && is_one_of(digits, value) ? std::string{value} : std::string{};
    case Kind::size: {
      if (value.ends_with("px")) value.remove_suffix(2);
      const auto number = value.ends_with('%') ? value.substr(0, value.size() - 1) : value;
      return number.size() <= 4 && !number.empty() && is_one_of(digits, number) ? std::string{value} : std::string{};
    }
    case Kind::colour: {
      const auto name = value.starts_with('#') ? value.substr(1) : value;
      return !name.empty() && name.size() <= longest_word && std::ranges::all_of(name, mail::is_alphanumeric)
                 ? std::string{value}
                 : std::string{};
    }
    case Kind::word: {
      auto word = mail::lower(value);
      const bool plain = word.size() <= longest_word &&
                         std::ranges::all_of(word, [](char c) { return mail::is_alphanumeric(c) || c == '-'; });
      return plain ? word : std::string{};
    }
    case Kind::names:
      return value.size() <= longest_names &&
                     std::ranges::all_of(
                         value, [](char c) { return mail::is_alphanumeric(c) || c == ' ' || c == ',' || c == '-'; })
                 ? std::string{value}
                 : std::string{};
  }
  return {};
}

}  // namespace

const SafeElement* safe_element(std::string_view source) {
  const auto* found = std::ranges::lower_bound(elements, source, {}, &SafeElement::source);
  return found == std::end(elements) || found->source != source ? nullptr : found;
}

bool goes_whole(std::string_view source) { return std::ranges::find(whole, source) != std::end(whole); }

std::string safe_attributes(const HtmlTag& tag, std::string_view name) {
  std::string out;
  for (const auto& each : tag.attributes) {
    const auto* allowed = std::ranges::find(attributes, each.name, &SafeAttribute::name);
    if (allowed == std::end(attributes)) continue;
    if (!allowed->on.empty() && allowed->on.find(fmt::format(" {} ", name)) == std::string_view::npos) continue;
    const auto value = each.name == "nowrap" ? "nowrap" : checked(allowed->kind, each.value);
    if (!value.empty()) out += fmt::format(" {}=\"{}\"", each.name, escape_html(value));
  }
  const auto style = safe_style(tag.value("style"));
  if (!style.empty()) out += fmt::format(" style=\"{}\"", escape_html(style));
  return out;
}

std::span<const std::string_view> read_attributes() { return all_read; }

}  // namespace mailreeve::scan
