// SPDX-License-Identifier: Apache-2.0
// Typed reading of one table of the settings file. A value that is missing leaves its default; a wrong one is told.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "config/node.h"
#include "config/problems.h"
#include "config/values.h"

namespace mailreeve::config {

/// A value with its place.
struct Text {
  std::string value;
  Place place;
};

class Section {
 public:
  /// `node`: null for a section that is not in the file; everything is missing then.
  Section(const Node* node, std::string name, Problems& problems)
      : node_{node}, name_{std::move(name)}, problems_{problems} {}

  bool exists() const { return node_ != nullptr; }
  bool has(std::string_view key) const { return node_ != nullptr && node_->find(key) != nullptr; }
  /// Of the key's value; of the section when there is none.
  Place place(std::string_view key = {}) const;
  void error(std::string_view key, std::string text) const { problems_.error(place(key), std::move(text)); }
  void warning(std::string_view key, std::string text) const { problems_.warning(place(key), std::move(text)); }
  Problems& problems() const { return problems_; }
  bool is_list(std::string_view key) const;
  bool is_text(std::string_view key) const;

  Section section(std::string_view key) const;
  /// [[key]]: each table with its place.
  std::vector<Section> sections(std::string_view key) const;
  /// The tables below a section whose names the operator chooses.
  std::vector<std::pair<std::string, Section>> named_sections() const;

  std::optional<Text> text(std::string_view key) const;
  /// The same, and an error that says `what to write` when it is missing.
  std::optional<Text> required_text(std::string_view key, std::string_view example) const;
  /// A list of texts; where `or_one`, a lone text is a list of one.
  std::vector<Text> texts(std::string_view key, bool or_one = false) const;
  std::vector<std::pair<IpNetwork, Place>> networks(std::string_view key) const;
  void boolean(std::string_view key, bool& out) const;
  void duration(std::string_view key, std::chrono::seconds& out, std::chrono::seconds least,
                std::chrono::seconds most) const;
  std::optional<std::chrono::seconds> parse_duration_in(const Text& text, std::string_view key,
                                                        std::chrono::seconds least, std::chrono::seconds most) const;
  void size(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most) const;

  /// A number with or without a point.
  std::optional<double> decimal(std::string_view key, double least, double most) const;
  /// "200/h", "10/30m", "10/h per domain" (`per`: the word that may follow): at most so many in that time.
  void rate(std::string_view key, std::string_view per, unsigned& count, std::chrono::seconds& window) const;
  /// The keys of this table that the operator chooses, with numbers as values.
  std::vector<std::pair<std::string, double>> decimals(double least, double most) const;
  /// These keys themselves, each with its place.
  std::vector<Text> keys() const;
  /// The same with texts as values.
  std::vector<std::pair<std::string, Text>> entries() const;

  template <class Number>
  void number(std::string_view key, Number& out, std::int64_t least, std::int64_t most) const {
    if (const auto value = integer(key, least, most)) out = static_cast<Number>(*value);
  }

  template <class Enum>
  void choice(std::string_view key, Enum& out, std::initializer_list<std::pair<std::string_view, Enum>> choices) const {
    const auto given = text(key);
    if (!given) return;
    std::vector<std::string_view> names;
    for (const auto& [name, value] : choices) {
      if (given->value == name) {
        out = value;
        return;
      }
      names.push_back(name);
    }
    wrong_choice(key, *given, names);
  }

 private:
  const Node* find(std::string_view key) const { return node_ == nullptr ? nullptr : node_->find(key); }
  void wrong_kind(const Node& node, std::string_view key, std::string_view wanted) const;
  void wrong_choice(std::string_view key, const Text& given, std::span<const std::string_view> names) const;
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  std::string inner_name(std::string_view key) const;

  const Node* node_;
  std::string name_;  // dotted; empty for the whole file
  Problems& problems_;
};

}  // namespace mailreeve::config
