// SPDX-License-Identifier: Apache-2.0
// Writes HTML that every parser reads as it was meant: whatever comes in, elements are nested as WHATWG 13.2.6 would
// have put them, and none is ever opened where a parser would move it, close another for it, or imply one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

enum class Part : std::uint8_t {
  words,  // b, i, span: within lines
  link,
  block,
  paragraph,
  heading,
  list,
  item,  // of a list
  terms,
  term,  // or its description, of terms
  preformatted,
  table,
  section,  // of a table
  row,
  cell,
  caption,
};

struct BuilderLimits {
  std::size_t octets = 0;  // without those of pictures
  std::size_t elements = 0;
  std::size_t depth = 0;
};

class HtmlBuilder {
 public:
  struct Element {
    Part part = Part::words;
    std::string_view name;   // as written; of static life
    std::string source;      // the name that its end tag will have
    std::string attributes;  // escaped: ` dir="ltr"`
    std::size_t link = 0;    // of Part::link: handed to `link_end`
    bool ended = false;      // its end tag came while a block in it was open
  };
  /// What goes before a link's end, escaped; at most `link_end_limit` octets.
  using LinkEnd = std::function<std::string(std::size_t link)>;
  static constexpr std::size_t link_end_limit = 600;

  HtmlBuilder(const BuilderLimits& limits, LinkEnd link_end) : limits_{limits}, link_end_{std::move(link_end)} {}

  void open(Element element);
  /// Of an end tag; nothing happens when no such element can be ended here.
  void close(std::string_view source);
  enum class Flow : std::uint8_t { line, block };
  /// An element that holds nothing that may come in: br, img, hr. `uncounted`: octets that the limit is not about.
  void add_whole(std::string_view markup, Flow flow, std::size_t uncounted = 0);
  void add_text(std::string_view utf8);
  bool is_preformatted() const;
  /// That what is added now belongs to.
  std::optional<std::size_t> open_link() const;
  /// Nothing more can be added.
  bool is_full() const { return full_; }
  std::string finish();

 private:
  using Elements = std::vector<Element>;

  bool in_table_context() const;
  std::size_t scope() const;
  std::optional<std::size_t> innermost_table() const;
  std::optional<std::size_t> find_in_scope(std::string_view source) const;
  std::optional<std::size_t> find_part(Part part) const;
  Elements close_from(std::size_t index);
  void reopen(Elements elements);
  bool push(Element element);
  void pop();
  void open_block(Element element);
  void open_item(Element element, Part holder, std::string_view holder_name);
  void open_table_part(Element element);
  void close_table_part(std::string_view source);
  void enter_cell();
  bool has_room(std::size_t octets) const;

  BuilderLimits limits_;
  LinkEnd link_end_;
  std::string out_;
  Elements stack_;
  std::size_t counted_ = 0;  // octets of `out_` that the limit is about
  std::size_t closing_ = 0;  // octets that closing all will take
  std::size_t elements_ = 0;
  std::size_t tables_left_out_ = 0;
  bool full_ = false;
};

}  // namespace mailreeve::scan
