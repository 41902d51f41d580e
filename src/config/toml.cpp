// SPDX-License-Identifier: Apache-2.0
// The one source file that knows toml++.
#include <toml++/toml.h>

#include "config/node.h"

namespace mailreeve::config {
namespace {

constexpr std::size_t line_limit = 8192;  // octets
constexpr unsigned depth_limit = 32;

Place place_of(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

std::unexpected<SyntaxError> wrong(Place place, std::string text) {
  return std::unexpected(SyntaxError{place, std::move(text)});
}

/// toml++ 3.3 puts no limit on the levels of a dotted key, and destroys nested tables recursively: a long enough line
/// of dots would overflow the stack.
std::expected<void, SyntaxError> check_lines(std::string_view text) {
  unsigned line = 1;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (std::min(end, text.size()) > line_limit) {
      return wrong({line, 1}, fmt::format("the line is longer than {} octets; spread it over several", line_limit));
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++line;
  }
  return {};
}

std::expected<Node, SyntaxError> convert(const toml::node& from, unsigned depth) {
  Node node;
  node.place = place_of(from.source());
  if (depth > depth_limit) return wrong(node.place, fmt::format("nested more than {} levels deep", depth_limit));
  switch (from.type()) {
    case toml::node_type::string:
      node.kind = Node::Kind::text;
      node.text = from.as_string()->get();
      break;
    case toml::node_type::integer:
      node.kind = Node::Kind::integer;
      node.integer = from.as_integer()->get();
      node.fraction = static_cast<double>(node.integer);
      break;
    case toml::node_type::floating_point:
      node.kind = Node::Kind::fraction;
      node.fraction = from.as_floating_point()->get();
      break;
    case toml::node_type::boolean:
      node.kind = Node::Kind::boolean;
      node.boolean = from.as_boolean()->get();
      break;
    case toml::node_type::array:
      node.kind = Node::Kind::array;
      for (const auto& element : *from.as_array()) {
        auto item = convert(element, depth + 1);
        if (!item) return item;
        node.items.push_back(std::move(*item));
      }
      break;
    case toml::node_type::table:
      for (const auto& [key, value] : *from.as_table()) {
        auto inner = convert(value, depth + 1);
        if (!inner) return inner;
        node.entries.push_back({std::string{key.str()}, place_of(key.source()), std::move(*inner)});
      }
      break;
    default:
      node.kind = Node::Kind::date;
      break;
  }
  return node;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &found->value;
}

std::string_view Node::kind_name() const {
  switch (kind) {
    case Kind::text:
      return "a text";
    case Kind::integer:
      return "a number";
    case Kind::fraction:
      return "a fraction";
    case Kind::boolean:
      return "true or false";
    case Kind::date:
      return "a date or time";
    case Kind::array:
      return "a list";
    case Kind::table:
      break;
  }
  return "a section";
}

std::expected<Node, SyntaxError> parse_toml(std::string_view text) {
  if (text.size() > settings_limit) {
    return wrong({}, fmt::format("the settings are larger than {} octets", settings_limit));
  }
  if (auto lines = check_lines(text); !lines) return std::unexpected(lines.error());
  toml::table document;
  try {
    document = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return wrong(place_of(error.source()), fmt::format("this is no TOML: {}", error.description()));
  }
  return convert(document, 0);
}

}  // namespace mailreeve::config
