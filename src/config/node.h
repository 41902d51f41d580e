// SPDX-License-Identifier: Apache-2.0
// A TOML document as plain values with places, so that one source file alone needs to know the TOML library.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::config {

/// From 1; 0 when there is none.
struct Place {
  unsigned line = 0;
  unsigned column = 0;
};

struct Entry;

struct Node {
  enum class Kind { text, integer, fraction, boolean, date, array, table };
  Kind kind = Kind::table;
  Place place;
  std::string text;            // text
  std::int64_t integer = 0;    // integer
  double fraction = 0;         // fraction, integer
  bool boolean = false;        // boolean
  std::vector<Node> items;     // array
  std::vector<Entry> entries;  // table, sorted by key

  /// Null when there is no such key.
  const Node* find(std::string_view key) const;
  bool is_table() const { return kind == Kind::table; }
  /// "a text", "a number", ...: for messages.
  std::string_view kind_name() const;
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

struct SyntaxError {
  Place place;
  std::string text;
};

constexpr std::size_t settings_limit = 1U << 20;  // octets of a settings file

/// Parses TOML 1.0. Bounded: 1 MiB, 8 KiB a line, 32 levels. Stops at the first mistake.
std::expected<Node, SyntaxError> parse_toml(std::string_view text);

}  // namespace mailreeve::config
