// SPDX-License-Identifier: Apache-2.0
#include "config/section.h"

namespace mailreeve::config {

using std::chrono::seconds;

Place Section::place(std::string_view key) const {
  const auto* node = key.empty() ? nullptr : find(key);
  if (node != nullptr) return node->place;
  return node_ == nullptr ? Place{} : node_->place;
}

bool Section::is_list(std::string_view key) const {
  const auto* node = find(key);
  return node != nullptr && node->kind == Node::Kind::array;
}

bool Section::is_text(std::string_view key) const {
  const auto* node = find(key);
  return node != nullptr && node->kind == Node::Kind::text;
}

std::string Section::inner_name(std::string_view key) const {
  return name_.empty() ? std::string{key} : fmt::format("{}.{}", name_, key);
}

void Section::wrong_kind(const Node& node, std::string_view key, std::string_view wanted) const {
  problems_.error(node.place, fmt::format("{} is {}, but must be {}", key, node.kind_name(), wanted));
}

void Section::wrong_choice(std::string_view key, const Text& given, std::span<const std::string_view> names) const {
  const auto meant = nearest(given.value, names);
  const auto hint = meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string{};
  problems_.error(given.place, fmt::format("{} = \"{}\" is unknown; write one of \"{}\"{}", key, given.value,
                                           fmt::join(names, "\", \""), hint));
}

Section Section::section(std::string_view key) const {
  const auto* node = find(key);
  const auto name = inner_name(key);
  if (node != nullptr && !node->is_table()) {
    const bool doubled = node->kind == Node::Kind::array && !node->items.empty() && node->items.front().is_table();
    problems_.error(node->place, doubled ? fmt::format("[[{}]] must be written with single brackets: [{}]", name, name)
                                         : fmt::format("{} must be a section: [{}]", key, name));
    node = nullptr;
  }
  return {node, name, problems_};
}

std::vector<Section> Section::sections(std::string_view key) const {
  const auto* node = find(key);
  if (node == nullptr) return {};
  const auto name = inner_name(key);
  if (node->is_table()) {
    problems_.error(node->place, fmt::format("[{}] must be written with double brackets: [[{}]]", name, name));
    return {{node, name, problems_}};
  }
  if (node->kind != Node::Kind::array) {
    wrong_kind(*node, key, fmt::format("one or more sections [[{}]]", name));
    return {};
  }
  std::vector<Section> all;
  for (const auto& item : node->items) {
    if (item.is_table()) {
      all.emplace_back(&item, name, problems_);
    } else {
      wrong_kind(item, key, fmt::format("a section [[{}]]", name));
    }
  }
  return all;
}

std::vector<std::pair<std::string, Section>> Section::named_sections() const {
  std::vector<std::pair<std::string, Section>> all;
  if (node_ == nullptr) return all;
  for (const auto& entry : node_->entries) {
    if (entry.value.is_table()) {
      all.emplace_back(entry.key, Section{&entry.value, inner_name(entry.key), problems_});
    } else {
      wrong_kind(entry.value, entry.key, fmt::format("a section [{}]", inner_name(entry.key)));
    }
  }
  return all;
}

std::optional<Text> Section::text(std::string_view key) const {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != Node::Kind::text) {
    wrong_kind(*node, key, "a text in quotes");
    return std::nullopt;
  }
  return Text{node->text, node->place};
}

std::optional<Text> Section::required_text(std::string_view key, std::string_view example) const {
  if (!has(key)) {
    const auto where = name_.empty() ? std::string{} : fmt::format(" in [{}]", name_);
    error({}, fmt::format("{} is missing{}; write for example {} = \"{}\"", key, where, key, example));
    return std::nullopt;
  }
  return text(key);
}

std::vector<Text> Section::texts(std::string_view key, bool or_one) const {
  const auto* node = find(key);
  if (node == nullptr) return {};
  if (or_one && node->kind == Node::Kind::text) return {{node->text, node->place}};
  if (node->kind != Node::Kind::array) {
    wrong_kind(*node, key, or_one ? "a text or a list of texts" : "a list: [\"...\", \"...\"]");
    return {};
  }
  std::vector<Text> all;
  for (const auto& item : node->items) {
    if (item.kind == Node::Kind::text) {
      all.push_back({item.text, item.place});
    } else {
      wrong_kind(item, fmt::format("an element of {}", key), "a text in quotes");
    }
  }
  return all;
}

std::vector<std::pair<IpNetwork, Place>> Section::networks(std::string_view key) const {
  std::vector<std::pair<IpNetwork, Place>> all;
  for (const auto& given : texts(key)) {
    auto network = IpNetwork::parse(given.value);
    if (network) {
      all.emplace_back(*network, given.place);
    } else {
      problems_.error(given.place, fmt::format("{}: {}", key, network.error().text));
    }
  }
  return all;
}

void Section::boolean(std::string_view key, bool& out) const {
  const auto* node = find(key);
  if (node == nullptr) return;
  if (node->kind == Node::Kind::boolean) {
    out = node->boolean;
  } else {
    wrong_kind(*node, key, "true or false, without quotes");
  }
}

std::optional<seconds> Section::parse_duration_in(const Text& text, std::string_view key, seconds least,
                                                  seconds most) const {
  const auto time = parse_duration(text.value);
  if (!time) {
    problems_.error(text.place, fmt::format("{}: {}", key, time.error().text));
    return std::nullopt;
  }
  if (*time < least || *time > most) {
    problems_.error(text.place, fmt::format("{} = \"{}\" is out of range; write {} to {}", key, text.value,
                                            format_duration(least), format_duration(most)));
    return std::nullopt;
  }
  return *time;
}

void Section::duration(std::string_view key, seconds& out, seconds least, seconds most) const {
  const auto* node = find(key);
  if (node == nullptr) return;
  if (node->kind == Node::Kind::integer) {
    problems_.error(node->place, fmt::format("{} needs a unit; write {} = \"{}s\"", key, key, node->integer));
    return;
  }
  const auto given = text(key);
  if (!given) return;
  if (const auto time = parse_duration_in(*given, key, least, most)) out = *time;
}

void Section::size(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most) const {
  const auto* node = find(key);
  if (node == nullptr) return;
  Result<std::uint64_t> value = 0;
  if (node->kind == Node::Kind::integer) {
    value = node->integer < 0 ? 0 : static_cast<std::uint64_t>(node->integer);
  } else if (node->kind == Node::Kind::text) {
    value = parse_size(node->text);
  } else {
    wrong_kind(*node, key, "a size like \"50MiB\"");
    return;
  }
  if (!value) {
    problems_.error(node->place, fmt::format("{}: {}", key, value.error().text));
  } else if (*value < least || *value > most || (node->kind == Node::Kind::integer && node->integer < 0)) {
    problems_.error(node->place,
                    fmt::format("{} is out of range; write {} to {}", key, format_size(least), format_size(most)));
  } else {
    out = *value;
  }
}

namespace {

bool is_number(const Node& node) { return node.kind == Node::Kind::fraction || node.kind == Node::Kind::integer; }

}  // namespace

std::optional<double> Section::decimal(std::string_view key, double least, double most) const {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (!is_number(*node)) {
    wrong_kind(*node, key, "a number without quotes");
    return std::nullopt;
  }
  if (!(node->fraction >= least && node->fraction <= most)) {  // a NaN is neither
    problems_.error(node->place,
                    fmt::format("{} = {} is out of range; write {} to {}", key, node->fraction, least, most));
    return std::nullopt;
  }
  return node->fraction;
}

std::vector<std::pair<std::string, double>> Section::decimals(double least, double most) const {
  std::vector<std::pair<std::string, double>> all;
  if (node_ == nullptr) return all;
  for (const auto& entry : node_->entries) {
    if (const auto value = decimal(entry.key, least, most)) all.emplace_back(entry.key, *value);
  }
  return all;
}

std::vector<Text> Section::keys() const {
  std::vector<Text> all;
  if (node_ == nullptr) return all;
  for (const auto& entry : node_->entries) all.push_back({entry.key, entry.place});
  return all;
}

std::vector<std::pair<std::string, Text>> Section::entries() const {
  std::vector<std::pair<std::string, Text>> all;
  if (node_ == nullptr) return all;
  for (const auto& entry : node_->entries) {
    if (auto value = text(entry.key)) all.emplace_back(entry.key, std::move(*value));
  }
  return all;
}

void Section::rate(std::string_view key, std::string_view per, unsigned& count, seconds& window) const {
  const auto given = text(key);
  if (!given) return;
  const auto rate = parse_rate(given->value, per);
  if (!rate) {
    problems_.error(given->place, fmt::format("{}: {}", key, rate.error().text));
    return;
  }
  count = rate->first;
  window = rate->second;
}

std::optional<std::int64_t> Section::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != Node::Kind::integer) {
    wrong_kind(*node, key, "a whole number without quotes");
    return std::nullopt;
  }
  if (node->integer < least || node->integer > most) {
    problems_.error(node->place,
                    fmt::format("{} = {} is out of range; write {} to {}", key, node->integer, least, most));
    return std::nullopt;
  }
  return node->integer;
}

}  // namespace mailreeve::config
