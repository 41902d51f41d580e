// SPDX-License-Identifier: Apache-2.0
// Looks at one file after the other, whatever container it came in, and puts what it sees into the report.
#pragma once

#include <string>
#include <string_view>

#include "scan/archive.h"
#include "scan/picture.h"
#include "scan/scan.h"
#include "scan/structure.h"

namespace mailreeve::scan {

/// How a file was announced.
struct Label {
  Place place;
  std::vector<std::string> names;
  std::string declared;  // media type
  std::string charset;
  unsigned depth = 0;
  bool is_attachment = false;
  bool is_shown = true;        // as the message's own text
  std::string_view package{};  // what kind of document holds its members, see package.h
  bool in_package = false;     // a member of one: nobody opens it by its name
};

class Inspector {
 public:
  Inspector(const ScanOptions& options, ContentReport& report, Notes& notes);

  /// A message, a message in a message, or a part that came wrapped.
  void message(std::string_view bytes, const Place& within, unsigned depth, Root root = Root::message);
  /// A part's or member's octets.
  void file(std::string_view bytes, Label label);

 private:
  void entity(const Entity& entity);
  Item& item(std::string_view bytes, const Label& label, std::string_view type);
  void look_at_names(std::string_view bytes, Item& item, const Label& label);
  void container(std::string_view bytes, std::string_view type, const Label& label, std::size_t index);
  void document(std::string_view bytes, std::string_view type, const Label& label, std::size_t index);
  void ole(std::string_view bytes, const Label& label, std::size_t index);
  void pdf(std::string_view bytes, const Label& label, std::size_t index);
  void relationships(std::string_view xml, const Label& document);
  void rtf(std::string_view bytes, const Label& label);
  void tnef(std::string_view bytes, const Label& label);
  void encoded_cms(std::string_view bytes, const Label& label);
  void cms(std::string_view bytes, const Label& label, std::size_t index);
  void onenote(std::string_view bytes, const Label& label);
  void picture(std::string_view bytes, std::string_view type, const Place& place);
  void codes(const Picture& picture, const Place& place);
  bool may_look_for_codes(const Place& place);
  void pictures_in_pdf(std::string_view bytes, const Place& place);
  void pictures_in_html(std::string_view html, const Place& place);
  void encrypted(const Label& label, std::size_t index, std::string_view how);
  bool may_open(const Label& label);
  void member(std::string_view bytes, std::vector<std::string> names, const Label& within, std::size_t number);
  void html(std::string_view bytes, const Label& label, bool is_file);
  void text(std::string_view bytes, const Label& label);
  void add_link(Link::Kind kind, std::string_view url, std::string_view shown, std::string_view base,
                const Place& place);
  void count_unread(std::uint32_t links, const Place& place);
  void add_text(std::string_view text);
  void mark(std::size_t index, std::string_view category);

  const ScanOptions& options_;
  ContentReport& report_;
  Notes& notes_;
  Budget budget_;
  std::size_t pictures_left_;
  std::uint64_t picture_work_left_, code_effort_left_;
};

}  // namespace mailreeve::scan
