// SPDX-License-Identifier: Apache-2.0
// What a mail program or browser would show of an HTML text, where it leads to, and what it would run. No tree is
// built: one pass, whatever the nesting.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scan/report.h"

namespace mailreeve::scan {

struct HtmlLink {
  Link::Kind kind = Link::Kind::anchor;
  std::string url;    // as written, entities decoded
  std::string shown;  // of an anchor: its text
};

struct HtmlLook {
  std::string text;  // as read, white space collapsed, at most `most` octets; the title first
  std::vector<HtmlLink> links;
  std::uint32_t link_count = 0;
  std::string base;
  bool script = false;  // a script, an event handler or a javascript: address
  bool amp = false;     // a script of AMP's own, which mail programs that know text/x-amp-html replace by theirs
  bool form = false;
  bool password = false;   // an input of that type
  bool smuggling = false;  // builds a file by script: Blob and download, or a large data: address
  bool frame = false;
};

/// `html` in UTF-8. Links beyond `links` are counted only.
HtmlLook read_html(std::string_view html, std::size_t most, std::size_t links);

enum class EntitiesIn : std::uint8_t { text, attribute };
/// "&amp;" and its like undone (the named ones that matter, and all numeric ones).
std::string decode_entities(std::string_view text, EntitiesIn in);

}  // namespace mailreeve::scan
