// SPDX-License-Identifier: Apache-2.0
// Strangers' HTML made anew from an allow-list, so that looking at it does nothing: no script, no form, no frame,
// nothing fetched, nothing to click. What comes out means the same to every HTML parser: only elements of the list,
// properly nested where the rules of HTML (WHATWG 13.2.6) allow it, every one closed, every octet escaped by us.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mailreeve::scan {

struct SanitiseLimits {
  std::size_t html = 512U << 10;     // octets that come out, without pictures
  std::size_t text = 256U << 10;     // octets of the text beside it
  std::size_t elements = 20'000;     // that come out
  std::size_t depth = 150;           // browsers begin to rearrange beyond 512
  std::size_t picture = 512U << 10;  // octets of one picture
  std::size_t pictures = 2U << 20;   // octets of all of them together
  std::size_t links = 200;           // that are told; all are counted
};

/// Where a link goes, and what it says.
struct PreviewLink {
  std::string shown;  // its text, at most 200 octets
  std::string url;    // as it would be opened, at most 2,000 octets; "mailto:..." too
  std::string host;   // in A-labels; empty when it has none
  bool operator==(const PreviewLink&) const = default;
};

/// What was left out.
struct Blocked {
  std::uint32_t images = 0;   // that would be fetched from elsewhere
  std::uint32_t scripts = 0;  // script elements, event attributes, addresses that run something
  std::uint32_t forms = 0;
  std::uint32_t frames = 0;  // and embedded objects
  bool operator==(const Blocked&) const = default;
};

struct SafeHtml {
  std::string html;  // for the inside of an element; empty when nothing was to be seen
  std::string text;  // the same as lines of text
  std::vector<PreviewLink> links;
  std::uint32_t link_count = 0;
  Blocked blocked;
  bool truncated = false;
};

/// A picture of the message by its Content-ID (without angle brackets), decoded; empty when there is none.
using FindPicture = std::function<std::string_view(std::string_view content_id)>;

/// `html` in UTF-8.
SafeHtml sanitise(std::string_view html, const SanitiseLimits& limits, const FindPicture& picture);

/// Of a style attribute what neither fetches, covers, nor moves: properties of a list, values read and written anew
/// ("color:#fff;width:600px").
std::string safe_style(std::string_view css);
/// Addresses elsewhere in url(...), of a style attribute or sheet.
std::uint32_t count_fetches(std::string_view css);

/// For text and quoted attribute values: markup, control characters and what is no UTF-8 lose their meaning.
std::string escape_html(std::string_view text);

}  // namespace mailreeve::scan
