// SPDX-License-Identifier: Apache-2.0
#include "scan/html_builder.h"

#include <algorithm>

#include "scan/html_tokens.h"
#include "scan/sanitise.h"

namespace mailreeve::scan {
namespace {

constexpr std::size_t reopened_at_once = 20;
constexpr std::size_t table_depth = 4;  // table, section, row, cell

bool is_inline(Part part) { return part == Part::words || part == Part::link; }
bool is_table_part(Part part) {
  return part == Part::section || part == Part::row || part == Part::cell || part == Part::caption;
}
bool is_table_name(std::string_view name) {
  constexpr std::string_view names[] = {"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"};
  return std::ranges::find(names, name) != std::end(names);
}
bool is_heading_name(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}
bool is_all_blank(std::string_view text) { return std::ranges::all_of(text, is_html_blank); }

/// How much of escaped text fits without cutting a character or reference.
std::size_t whole_size(std::string_view escaped, std::size_t most) {
  while (most > 0 && (static_cast<unsigned char>(escaped[most]) & 0xc0U) == 0x80) --most;
  const auto reference = escaped.substr(0, most).rfind('&');
  const bool is_cut = reference != std::string_view::npos && escaped.find(';', reference) >= most;
  return is_cut ? reference : most;
}

std::size_t closing_size(const HtmlBuilder::Element& element) {
  return element.name.size() + 3 + (element.part == Part::link ? HtmlBuilder::link_end_limit : 0);
}

}  // namespace

bool HtmlBuilder::has_room(std::size_t octets) const { return counted_ + closing_ + octets <= limits_.octets; }

bool HtmlBuilder::in_table_context() const {
  if (stack_.empty()) return false;
  const auto part = stack_.back().part;
  return part == Part::table || part == Part::section || part == Part::row;
}

/// Where the innermost cell, caption or table begins: what is outside cannot be ended from within.
std::size_t HtmlBuilder::scope() const {
  for (auto i = stack_.size(); i > 0; --i) {
    const auto part = stack_[i - 1].part;
    if (part == Part::table || is_table_part(part)) return i;
  }
  return 0;
}

std::optional<std::size_t> HtmlBuilder::innermost_table() const {
  for (auto i = stack_.size(); i > 0; --i) {
    if (stack_[i - 1].part == Part::table) return i - 1;
  }
  return std::nullopt;
}

std::optional<std::size_t> HtmlBuilder::find_in_scope(std::string_view source) const {
  const bool heading = is_heading_name(source);
  for (auto i = stack_.size(), end = scope(); i > end; --i) {
    const auto& element = stack_[i - 1];
    if (element.ended) continue;
    if (heading ? element.part == Part::heading : element.source == source) return i - 1;
  }
  return std::nullopt;
}

std::optional<std::size_t> HtmlBuilder::find_part(Part part) const {
  for (auto i = stack_.size(), end = scope(); i > end; --i) {
    if (stack_[i - 1].part == part) return i - 1;
  }
  return std::nullopt;
}

bool HtmlBuilder::push(Element element) {
  const auto begin = element.name.size() + 2 + element.attributes.size();
  if (full_ || stack_.size() >= limits_.depth) return false;
  if (elements_ >= limits_.elements || !has_room(begin + closing_size(element) + 1)) {
    full_ = true;
    return false;
  }
  ++elements_;
  out_ += '<';
  out_ += element.name;
  out_ += element.attributes;
  out_ += '>';
  counted_ += begin;
  if (element.part == Part::preformatted) {
    // A parser drops the first line end in it.
    out_ += '\n';
    ++counted_;
  }
  closing_ += closing_size(element);
  stack_.push_back(std::move(element));
  return true;
}

void HtmlBuilder::pop() {
  const auto element = std::move(stack_.back());
  stack_.pop_back();
  closing_ -= closing_size(element);
  const auto before = out_.size();
  if (element.part == Part::link) out_ += link_end_(element.link);
  out_ += "</";
  out_ += element.name;
  out_ += '>';
  counted_ += out_.size() - before;
}

/// Those of them that a browser would open again behind what ended them (WHATWG 13.2.4.3).
HtmlBuilder::Elements HtmlBuilder::close_from(std::size_t index) {
  Elements again;
  for (auto i = index; i < stack_.size(); ++i) {
    const auto& element = stack_[i];
    if (is_inline(element.part) && !element.ended && again.size() < reopened_at_once) again.push_back(element);
  }
  while (stack_.size() > index) pop();
  while (!stack_.empty() && stack_.back().ended) pop();
  return again;
}

void HtmlBuilder::reopen(Elements elements) {
  for (auto& element : elements) push(std::move(element));
}

void HtmlBuilder::enter_cell() {
  if (!in_table_context()) return;
  if (stack_.back().part == Part::table) push({Part::section, "tbody", "tbody", {}});
  if (stack_.back().part == Part::section) push({Part::row, "tr", "tr", {}});
  if (stack_.back().part == Part::row) push({Part::cell, "td", "td", {}});
}

void HtmlBuilder::open_block(Element element) {
  enter_cell();
  Elements again;
  if (const auto paragraph = find_part(Part::paragraph)) again = close_from(*paragraph);
  if (element.part == Part::heading) {
    // A heading ends the one before it, unless there is a block between.
    auto outer = stack_.size();
    const auto end = scope();
    while (outer > end && is_inline(stack_[outer - 1].part)) --outer;
    if (outer > end && stack_[outer - 1].part == Part::heading) again = close_from(outer - 1);
  }
  const bool is_table = element.part == Part::table;
  if (is_table && stack_.size() + table_depth > limits_.depth) {
    ++tables_left_out_;
    return;
  }
  push(std::move(element));
  if (!is_table) reopen(std::move(again));
}

void HtmlBuilder::open_item(Element element, Part holder, std::string_view holder_name) {
  enter_cell();
  const auto nearest = [&] {
    auto at = stack_.size();
    const auto end = scope();
    while (at > end && stack_[at - 1].part != element.part && stack_[at - 1].part != holder) --at;
    return at > end ? std::optional{at - 1} : std::nullopt;
  };
  auto found = nearest();
  if (!found) {
    open_block({holder, holder_name, std::string{holder_name}, {}});
    found = nearest();
    if (!found) return;  // no room for it
  }
  auto again = close_from(stack_[*found].part == holder ? *found + 1 : *found);
  push(std::move(element));
  reopen(std::move(again));
}

void HtmlBuilder::open_table_part(Element element) {
  const auto table = innermost_table();
  if (!table || tables_left_out_ > 0) return;
  const auto below = [&](Part part) -> std::optional<std::size_t> {
    for (auto i = *table + 1; i < stack_.size(); ++i) {
      if (stack_[i].part == part) return i;
    }
    return std::nullopt;
  };
  if (element.part == Part::section || element.part == Part::caption) {
    close_from(*table + 1);
  } else {
    const auto section = below(Part::section);
    const auto row = element.part == Part::cell ? below(Part::row) : std::nullopt;
    close_from(row ? *row + 1 : section ? *section + 1 : *table + 1);
    if (!section) push({Part::section, "tbody", "tbody", {}});
    if (element.part == Part::cell && !row) push({Part::row, "tr", "tr", {}});
  }
  push(std::move(element));
}

void HtmlBuilder::open(Element element) {
  if (full_) return;
  switch (element.part) {
    case Part::words:
    case Part::link:
      // Between cells it would be moved out of the table.
      if (!in_table_context()) push(std::move(element));
      return;
    case Part::item:
      open_item(std::move(element), Part::list, "ul");
      return;
    case Part::term:
      open_item(std::move(element), Part::terms, "dl");
      return;
    case Part::section:
    case Part::row:
    case Part::cell:
    case Part::caption:
      open_table_part(std::move(element));
      return;
    default:
      open_block(std::move(element));
  }
}

void HtmlBuilder::close_table_part(std::string_view source) {
  if (tables_left_out_ > 0) {
    if (source == "table") --tables_left_out_;
    return;
  }
  const auto table = innermost_table();
  if (!table) return;
  for (auto i = *table; i < stack_.size(); ++i) {
    if (stack_[i].name != source) continue;
    close_from(i);
    return;
  }
}

void HtmlBuilder::close(std::string_view source) {
  if (full_) return;
  if (is_table_name(source)) {
    close_table_part(source);
    return;
  }
  const auto found = find_in_scope(source);
  if (!found) return;
  const bool holds_block = std::any_of(stack_.begin() + static_cast<std::ptrdiff_t>(*found) + 1, stack_.end(),
                                       [](const Element& element) { return !is_inline(element.part); });
  if (is_inline(stack_[*found].part)) {
    stack_[*found].ended = true;
    if (holds_block) return;
  }
  auto again = close_from(*found);
  reopen(std::move(again));
}

void HtmlBuilder::add_whole(std::string_view markup, Flow flow, std::size_t uncounted) {
  enter_cell();
  if (full_) return;
  Elements again;
  if (flow == Flow::block) {
    if (const auto paragraph = find_part(Part::paragraph)) again = close_from(*paragraph);
  }
  const auto counted = markup.size() - uncounted;
  if (elements_ >= limits_.elements || !has_room(counted)) {
    full_ = true;
    return;
  }
  ++elements_;
  out_ += markup;
  counted_ += counted;
  reopen(std::move(again));
}

void HtmlBuilder::add_text(std::string_view utf8) {
  if (full_ || utf8.empty() || (in_table_context() && is_all_blank(utf8))) return;
  enter_cell();
  if (full_) return;
  const auto room = limits_.octets - std::min(limits_.octets, counted_ + closing_);
  auto text = escape_html(utf8.substr(0, room));
  full_ = utf8.size() > room || text.size() > room;
  if (text.size() > room) text.resize(whole_size(text, room));
  counted_ += text.size();
  out_ += text;
}

bool HtmlBuilder::is_preformatted() const { return find_part(Part::preformatted).has_value(); }

std::optional<std::size_t> HtmlBuilder::open_link() const {
  const auto found = find_part(Part::link);
  return found && !stack_[*found].ended ? std::optional{stack_[*found].link} : std::nullopt;
}

std::string HtmlBuilder::finish() {
  while (!stack_.empty()) pop();
  return std::move(out_);
}

}  // namespace mailreeve::scan
