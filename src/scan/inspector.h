// SPDX-License-Identifier: Apache-2.0
// Looks at one file after the other, whatever container it came in, and puts what it sees into the report.
#pragma once

#include <string>
#include <string_view>

#include "scan/archive.h"
#include "scan/scan.h"

namespace mailreeve::scan {

/// How a file was announced.
struct Label {
  Place place;
  std::vector<std::string> names;
  std::string declared;  // media type
  std::string charset;
  unsigned depth = 0;
  bool is_attachment = false;
  bool is_shown = true;  // as the message's own text
};

class Inspector {
 public:
  Inspector(const ScanOptions& options, ContentReport& report, Notes& notes);

  /// A message, or a message in a message.
  void message(std::string_view bytes, const Place& within, unsigned depth);
  /// A part's or member's octets.
  void file(std::string_view bytes, Label label);

 private:
  void entity(const struct Entity& entity);
  Item& item(std::string_view bytes, const Label& label, std::string_view type);
  void look_at_names(Item& item, const Label& label);
  void container(std::string_view bytes, std::string_view type, const Label& label, std::size_t index);
  void document(std::string_view bytes, std::string_view type, const Label& label, std::size_t index);
  void ole(std::string_view bytes, const Label& label, std::size_t index);
  void pdf(std::string_view bytes, const Label& label);
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
};

}  // namespace mailreeve::scan
