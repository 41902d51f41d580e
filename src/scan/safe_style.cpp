// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>

#include "mail/characters.h"
#include "scan/html_tokens.h"
#include "scan/links.h"
#include "scan/sanitise.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t read_limit = 8U << 10;
constexpr std::size_t written_limit = 2'000;
constexpr std::size_t declarations_limit = 60;
constexpr std::size_t pieces_limit = 20;
constexpr std::size_t word_limit = 40;

enum class Takes : std::uint8_t { plain, list, font, background, display };

struct Property {
  std::string_view name;
  Takes takes = Takes::plain;
  double most = 2'000;  // of a length, in pixels
};

// Nothing that takes text out of its place, covers other text, fetches, or animates: no position, z-index, overflow,
// opacity, transform, content, filter, behavior. Lengths are never negative.
constexpr Property properties[] = {
    {"background", Takes::background},
    {"background-color"},
    {"border"},
    {"border-bottom"},
    {"border-bottom-color"},
    {"border-bottom-style"},
    {"border-bottom-width"},
    {"border-collapse"},
    {"border-color"},
    {"border-left"},
    {"border-left-color"},
    {"border-left-style"},
    {"border-left-width"},
    {"border-radius", Takes::list},
    {"border-right"},
    {"border-right-color"},
    {"border-right-style"},
    {"border-right-width"},
    {"border-spacing"},
    {"border-style"},
    {"border-top"},
    {"border-top-color"},
    {"border-top-style"},
    {"border-top-width"},
    {"border-width"},
    {"box-sizing"},
    {"clear"},
    {"color"},
    {"direction"},
    {"display", Takes::display},
    {"float"},
    {"font", Takes::font, 200},
    {"font-family", Takes::font},
    {"font-size", Takes::plain, 200},
    {"font-style"},
    {"font-variant"},
    {"font-weight"},
    {"height"},
    {"letter-spacing", Takes::plain, 50},
    {"line-height", Takes::plain, 1'000},
    {"list-style"},
    {"list-style-type"},
    {"margin"},
    {"margin-bottom"},
    {"margin-left", Takes::plain, 600},
    {"margin-right"},
    {"margin-top"},
    {"max-width"},
    {"min-height"},
    {"min-width"},
    {"overflow-wrap"},
    {"padding"},
    {"padding-bottom"},
    {"padding-left", Takes::plain, 600},
    {"padding-right"},
    {"padding-top"},
    {"table-layout"},
    {"text-align"},
    {"text-decoration"},
    {"text-indent", Takes::plain, 100},
    {"text-transform"},
    {"vertical-align", Takes::plain, 100},
    {"white-space"},
    {"width"},
    {"word-break"},
    {"word-spacing", Takes::plain, 50},
    {"word-wrap"},
};

constexpr std::string_view displays[] = {"block", "inline", "inline-block", "list-item",
                                         "none",  "table",  "table-row",    "table-cell"};

// Of `background`: what is no colour.
constexpr std::string_view placements[] = {"none",    "repeat",   "no-repeat",  "repeat-x",    "repeat-y",   "round",
                                           "space",   "scroll",   "fixed",      "local",       "top",        "left",
                                           "right",   "bottom",   "center",     "cover",       "contain",    "auto",
                                           "inherit", "initial",  "unset",      "revert",      "url",        "linear",
                                           "radial",  "gradient", "border-box", "padding-box", "content-box"};

template <class List>
bool is_one_of(std::string_view word, const List& list) {
  return std::ranges::find(list, word) != std::end(list);
}

struct Piece {
  enum class Kind : std::uint8_t { number, word, colour, string, comma, slash };
  Kind kind = Kind::word;
  std::string text;
};

/// A value cut into pieces that are safe to write again; nothing when there is anything else in it.
class Value {
 public:
  Value(std::string_view text, const Property& property) : rest_{text}, property_{property} {}

  std::optional<std::vector<Piece>> read() {
    std::vector<Piece> pieces;
    while (true) {
      while (!rest_.empty() && is_html_blank(rest_.front())) rest_.remove_prefix(1);
      if (rest_.empty() || rest_.front() == '!') break;  // "!important" is ours alone
      if (pieces.size() == pieces_limit) return std::nullopt;
      auto piece = next();
      if (!piece) return std::nullopt;
      if (!piece->text.empty()) pieces.push_back(std::move(*piece));
    }
    if (pieces.empty()) return std::nullopt;
    return pieces;
  }

 private:
  std::optional<Piece> next() {
    const char c = rest_.front();
    if (c == '#') return hash();
    if (mail::is_digit(c) || c == '.' || c == '+') return number();
    if (mail::is_alphanumeric(c) || c == '-') return word();
    if ((c == '"' || c == '\'') && property_.takes == Takes::font) return string();
    const bool lists = property_.takes == Takes::font || property_.takes == Takes::background;
    if (c == ',' && lists) return sign(Piece::Kind::comma);
    if (c == '/' && (lists || property_.takes == Takes::list)) return sign(Piece::Kind::slash);
    return std::nullopt;
  }

  Piece sign(Piece::Kind kind) {
    Piece piece{kind, std::string{rest_.front()}};
    rest_.remove_prefix(1);
    return piece;
  }

  std::optional<Piece> hash() {
    std::size_t end = 1;
    while (end < rest_.size() && mail::is_alphanumeric(rest_[end])) ++end;
    const auto digits = rest_.substr(1, end - 1);
    const bool is_colour = (digits.size() == 3 || digits.size() == 4 || digits.size() == 6 || digits.size() == 8) &&
                           digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (!is_colour) return std::nullopt;
    Piece piece{Piece::Kind::colour, std::string{rest_.substr(0, end)}};
    rest_.remove_prefix(end);
    return piece;
  }

  std::optional<Piece> number() {
    if (rest_.front() == '+') rest_.remove_prefix(1);
    double value = 0;
    const auto digits = rest_.substr(0, std::min(rest_.find_first_not_of("0123456789."), rest_.size()));
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.size() > 12) return std::nullopt;
    rest_.remove_prefix(digits.size());
    std::string unit;
    while (!rest_.empty() && (mail::is_alphanumeric(rest_.front()) || rest_.front() == '%')) {
      if (unit.size() > 4) return std::nullopt;
      unit += mail::to_lower(rest_.front());
      rest_.remove_prefix(1);
    }
    struct Unit {
      std::string_view name;
      double pixels;
    };
    constexpr Unit units[] = {{"", 1},   {"px", 1}, {"pt", 1.4}, {"%", 2},  {"em", 16}, {"rem", 16},
                              {"ex", 8}, {"ch", 8}, {"cm", 38},  {"mm", 4}, {"in", 96}, {"pc", 16}};
    const auto* found = std::ranges::find(units, unit, &Unit::name);
    if (found == std::end(units) || value * found->pixels > property_.most) return std::nullopt;
    return Piece{Piece::Kind::number, std::string{digits} + unit};
  }

  std::optional<Piece> word() {
    std::size_t end = 0;
    while (end < rest_.size() && (mail::is_alphanumeric(rest_[end]) || rest_[end] == '-')) ++end;
    auto text = mail::lower(rest_.substr(0, end));
    rest_.remove_prefix(end);
    const bool odd_dash = text.starts_with('-') && (text.size() < 2 || !is_letter(text[1]));
    if (text.size() > word_limit || odd_dash) return std::nullopt;
    if (rest_.starts_with('(')) return function(std::move(text));
    return Piece{Piece::Kind::word, std::move(text)};
  }

  static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

  std::optional<Piece> function(std::string name) {
    const auto end = end_of_function();
    const auto inner = rest_.substr(1, end - 1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (name == "rgb" || name == "rgba" || name == "hsl" || name == "hsla") {
      const bool plain =
          inner.size() <= word_limit && inner.find_first_not_of("0123456789., %/") == std::string_view::npos;
      if (!plain) return std::nullopt;
      return Piece{Piece::Kind::colour, name + "(" + std::string{inner} + ")"};
    }
    if (property_.takes != Takes::background) return std::nullopt;
    return Piece{};  // a picture or a gradient: the colour beside it may stay
  }

  /// Where its ")" stands, with others in it.
  std::size_t end_of_function() const {
    std::size_t depth = 0;
    char quote = 0;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')' && --depth == 0) {
        return at;
      }
    }
    return rest_.size();
  }

  std::optional<Piece> string() {
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos || end > word_limit) return std::nullopt;
    const auto inner = rest_.substr(1, end - 1);
    const bool plain =
        std::ranges::all_of(inner, [](char c) { return mail::is_alphanumeric(c) || c == ' ' || c == '-' || c == '_'; });
    if (!plain) return std::nullopt;
    rest_.remove_prefix(end + 1);
    return Piece{Piece::Kind::string, "'" + std::string{inner} + "'"};
  }

  std::string_view rest_;
  const Property& property_;
};

std::string joined(const std::vector<Piece>& pieces) {
  std::string out;
  for (const auto& piece : pieces) {
    if (!out.empty() && piece.kind != Piece::Kind::comma) out += ' ';
    out += piece.text;
  }
  return out;
}

/// "property:value", empty when it may not pass.
std::string declaration(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find('\\') != std::string_view::npos) return {};
  auto name = mail::lower(text.substr(0, colon));
  std::erase_if(name, is_html_blank);
  const auto* property = std::ranges::find(properties, name, &Property::name);
  if (property == std::end(properties)) return {};
  const auto pieces = Value{text.substr(colon + 1), *property}.read();
  if (!pieces) return {};
  if (property->takes == Takes::background) {
    const auto colour = std::ranges::find_if(*pieces, [](const Piece& piece) {
      return piece.kind == Piece::Kind::colour ||
             (piece.kind == Piece::Kind::word && !is_one_of(piece.text, placements));
    });
    return colour == pieces->end() ? std::string{} : "background-color:" + colour->text;
  }
  if (property->takes == Takes::display && (pieces->size() != 1 || !is_one_of(pieces->front().text, displays)))
    return {};
  return name + ":" + joined(*pieces);
}

std::string without_comments(std::string_view css) {
  std::string out;
  while (!css.empty()) {
    const auto start = css.find("/*");
    out += css.substr(0, start);
    if (start == std::string_view::npos) break;
    out += ' ';
    const auto end = css.find("*/", start + 2);
    css.remove_prefix(end == std::string_view::npos ? css.size() : end + 2);
  }
  return out;
}

/// The next declaration's length: up to a ";" that is in no string and no parentheses.
std::size_t declaration_size(std::string_view css) {
  std::size_t depth = 0;
  char quote = 0;
  for (std::size_t at = 0; at < css.size(); ++at) {
    const char c = css[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (depth > 0) --depth;
    } else if (c == ';' && depth == 0) {
      return at;
    }
  }
  return css.size();
}

}  // namespace

std::uint32_t count_fetches(std::string_view css) {
  std::uint32_t count = 0;
  constexpr std::string_view function = "url(";
  while (true) {
    const auto found = std::search(css.begin(), css.end(), function.begin(), function.end(),
                                   [](char a, char b) { return mail::to_lower(a) == b; });
    constexpr std::uint32_t enough_to_know = 1'000;
    if (found == css.end() || count >= enough_to_know) return count;
    css.remove_prefix(static_cast<std::size_t>(found - css.begin()) + function.size());
    const auto start = std::min(css.find_first_not_of(" \t\r\n\f'\""), css.size());
    constexpr std::size_t enough = 300;
    const auto address = css.substr(start, enough);
    if (parse_url(address.substr(0, address.find_first_of(" \t\r\n\f'\")")))) ++count;
  }
}

std::string safe_style(std::string_view css) {
  const auto plain = without_comments(css.substr(0, read_limit));
  std::string_view rest{plain};
  std::string out;
  for (std::size_t left = declarations_limit; left > 0 && !rest.empty(); --left) {
    const auto size = declaration_size(rest);
    const auto one = declaration(rest.substr(0, size));
    rest.remove_prefix(std::min(size + 1, rest.size()));
    if (one.empty() || out.size() + one.size() >= written_limit) continue;
    if (!out.empty()) out += ';';
    out += one;
  }
  return out;
}

}  // namespace mailreeve::scan
