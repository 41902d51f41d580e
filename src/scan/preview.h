// SPDX-License-Identifier: Apache-2.0
// A message for people to look at: bounded, nothing in it acts. A pure function, made for the scanner process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "scan/limits.h"
#include "scan/report.h"
#include "scan/sanitise.h"

namespace mailreeve::scan {

struct PreviewLimits {
  Limits scan;
  SanitiseLimits html;
  std::size_t raw_header = 64U << 10;
  std::size_t text = 256U << 10;
  std::size_t field = 4'000;      // octets of one decoded field
  std::size_t attachments = 200;  // members of archives too
};

struct Preview {
  struct Field {
    std::string name, value;
    bool operator==(const Field&) const = default;
  };
  std::vector<Field> headers;  // From, To, Cc, Reply-To, Subject, Date: decoded, in this order, those that are there
  std::string raw_header;      // as it came, in UTF-8, lines ending in LF
  std::string text;            // lines ending in LF; made of the HTML where that is all there is
  bool text_from_html = false;
  std::string html;               // made anew (see sanitise.h); empty when the message has none
  std::vector<Item> attachments;  // what is not the text itself; members of archives behind their archive
  std::vector<PreviewLink> links;
  std::uint32_t link_count = 0;
  Blocked blocked;
  bool truncated = false;  // somewhere: text, HTML, header or attachments
  bool operator==(const Preview&) const = default;
};

/// Never fails: what cannot be read is not shown. `message`: header and body, lines ending in CRLF (or LF).
Preview preview_of(std::string_view message, const PreviewLimits& limits = {});

/// The whole document for a frame with `sandbox` and a policy without scripts; it needs inline styles and data:
/// pictures.
std::string preview_page(const Preview& preview);

/// As octets: how a scanner process answers. Whoever reads it does not trust it. At most report_limit octets.
std::string write_preview(const Preview& preview);
Result<Preview> read_preview(std::string_view bytes);

}  // namespace mailreeve::scan
